import { useEffect, useRef, useState, type ReactNode } from 'react';
import styles from './announcement.module.css';

/** Somebody who listens hears at most one message in this time. */
const GAP_MS = 5000;

/** Tells screen readers the newest message, not more often than they can be heard. */
export function Announcement({ message }: { readonly message: string }): ReactNode {
  const [told, setTold] = useState('');
  const lastAt = useRef(-Infinity);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        lastAt.current = performance.now();
        setTold(message);
      },
      Math.max(0, lastAt.current + GAP_MS - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [message]);
  return (
    <div className={styles['announcement']} role="status" aria-live="polite">
      {told}
    </div>
  );
}

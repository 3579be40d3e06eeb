import { useEffect, useState, type ReactNode } from 'react';
import { Announcer } from './announcer.ts';
import styles from './announcement.module.css';

/** Tells screen readers the newest message, not more often than they can be heard. */
export function Announcement({ message }: { readonly message: string }): ReactNode {
  const [told, setTold] = useState('');
  const [announcer] = useState(() => new Announcer(setTold));
  useEffect(() => announcer.announce(message), [announcer, message]);
  return (
    <div className={styles['announcement']} role="status" aria-live="polite">
      {told}
    </div>
  );
}

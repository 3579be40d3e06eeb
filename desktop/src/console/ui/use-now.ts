import { useEffect, useState } from 'react';

/** The time, epoch milliseconds, told anew every `everyMs`; for what counts down and for ages. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

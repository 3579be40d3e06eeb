import { useEffect, useState } from 'react';

/** The newest text, at most once in `gapMs`: a screen reader that is told more often says nothing else any more. */
export function useNowAndThen(text: string, gapMs: number): string {
  const [told, setTold] = useState({ text: '', at: -Infinity });
  useEffect(() => {
    if (text === told.text) return undefined;
    const wait = Math.max(0, told.at + gapMs - performance.now());
    const timer = setTimeout(() => setTold({ text, at: performance.now() }), wait);
    return () => clearTimeout(timer);
  }, [text, told, gapMs]);
  return told.text;
}

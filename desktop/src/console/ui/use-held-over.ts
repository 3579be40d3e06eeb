import { useEffect, useRef, useState } from 'react';

/** Whether files are held over the window; only to look different, for what is dropped comes by the app's handover. */
export function useHeldOver(): boolean {
  const [isOver, setOver] = useState(false);
  // Each element within tells of its own enter and leave.
  const depth = useRef(0);
  useEffect(() => {
    const end = new AbortController();
    const { signal } = end;
    const move = (event: DragEvent, by: number): void => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      depth.current = Math.max(0, depth.current + by);
      setOver(depth.current > 0);
    };
    addEventListener('dragenter', (event) => move(event, 1), { signal });
    addEventListener('dragleave', (event) => move(event, -1), { signal });
    addEventListener('drop', (event) => move(event, -depth.current), { signal });
    return () => end.abort();
  }, []);
  return isOver;
}

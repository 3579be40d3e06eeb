import type { ReactNode } from 'react';

const PATHS = {
  cancel: 'M4 4 12 12M12 4 4 12',
  pause: 'M6 3.5V12.5M10 3.5V12.5',
  play: 'M5.5 3.5 12 8 5.5 12.5Z',
  retry: 'M12.5 8a4.5 4.5 0 1 1-1.6-3.4M11 2v3H8',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  done: 'M3.5 8.5 6.5 11.5 12.5 5',
  plus: 'M8 3.5V12.5M3.5 8H12.5',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      aria-hidden="true"
    >
      <path d={PATHS[name]} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

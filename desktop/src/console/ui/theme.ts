import { createTheme } from '@mantine/core';

/** Only what Mantine cannot read from our static variables (theme.css). */
export const THEME = createTheme({
  primaryColor: 'blue',
  cursorType: 'pointer',
  respectReducedMotion: true,
  defaultRadius: 'sm',
});

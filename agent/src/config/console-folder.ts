import { dirname, join } from 'node:path';

/**
 * The folder of the built console, whether it is there or not: `console` beside the bundled program, `dist/console` of
 * the repository where its sources run as they are.
 */
export function consoleFolder(programFile: string = import.meta.filename): string {
  const folder = dirname(programFile);
  // Sources are run as TypeScript, from this very file; a bundle is JavaScript.
  return programFile.endsWith('.ts') ? join(folder, '../../../dist/console') : join(folder, 'console');
}

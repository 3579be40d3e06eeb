import { hash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Builds that take each other's place at the same moment; more than this is no chance but a fault. */
const MAX_TRIES = 20;
/** What a rename onto a folder that is there is answered with, on Linux and macOS, and on Windows. */
const TAKEN: ReadonlySet<unknown> = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES']);

interface Mark {
  /** Of the sources it was built from. */
  readonly sources: string;
  /** Of the built page, which names all other files by their content: another build may have come in between. */
  readonly page: string;
}

/** Changes when one of the sources changes, comes or goes. `sources` are files and folders below `root`. */
export function fingerprintOf(root: string, sources: readonly string[]): string {
  const files = sources.flatMap((source) => filesBelow(join(root, source)));
  const lines = files.map((file) => {
    const { mtimeMs, size } = statSync(file);
    return `${relative(root, file)} ${String(mtimeMs)} ${String(size)}`;
  });
  return hash('sha256', lines.sort().join('\n'));
}

/** Whether the folder is there as it was built from exactly these sources. */
export function isBuiltFrom(output: string, sources: string): boolean {
  const [page, file] = [pageOf(output), markOf(output)];
  if (page === undefined || !existsSync(file)) return false;
  return readFileSync(file, 'utf8') === textOf({ sources, page });
}

/**
 * Puts a folder that was built elsewhere on the same disk in the place of the old one, and notes from what. For an instant
 * there is none; never half of one, also when two do so at once. The mark lies beside the folder, which is copied to servers.
 */
export function putInPlace(staged: string, output: string, sources: string): void {
  const page = pageOf(staged);
  if (page === undefined) throw new Error(`${staged} has no index.html`);
  replaceFolder(staged, output);
  writeFileSync(markOf(output), textOf({ sources, page }));
}

export function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The old one is renamed away, not removed in its place: two removals at once would run into each other. */
function replaceFolder(staged: string, output: string): void {
  for (let tries = 1; ; tries += 1) {
    const old = `${output}.old-${randomUUID()}`;
    moveIfThere(output, old);
    try {
      renameSync(staged, output);
      rmSync(old, { recursive: true, force: true });
      return;
    } catch (error) {
      const isTaken = TAKEN.has(codeOf(error)) && existsSync(output);
      if (isTaken) rmSync(old, { recursive: true, force: true });
      else moveIfThere(old, output);
      if (!isTaken || tries === MAX_TRIES) throw error;
    }
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function pageOf(folder: string): string | undefined {
  const file = join(folder, 'index.html');
  return existsSync(file) ? hash('sha256', readFileSync(file)) : undefined;
}

function markOf(output: string): string {
  return `${output}.built.json`;
}

function textOf(mark: Mark): string {
  return `${JSON.stringify(mark)}\n`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KEY, type AgentProcess } from './agent-process.ts';

export interface SentFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly id?: string;
}

export interface Stored {
  readonly path: string;
  readonly link: string;
  readonly sha256: string;
  readonly replicas: readonly { readonly server: string; readonly state: string; readonly code?: string }[];
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function form(files: readonly SentFile[]): FormData {
  const data = new FormData();
  for (const file of files) {
    if (file.id !== undefined) data.append('id', file.id);
    data.append('file', new Blob([new Uint8Array(file.bytes)]), file.name);
  }
  return data;
}

/** POST /api/v1/images; the answer whatever its status. */
export async function post(
  agent: AgentProcess,
  files: readonly SentFile[],
  query = '',
): Promise<{ status: number; body: { images: Stored[] } }> {
  const response = await fetch(`${agent.url}/api/v1/images${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}` },
    body: form(files),
  });
  return { status: response.status, body: (await response.json()) as { images: Stored[] } };
}

/** Uploads one file and answers its stored image; throws unless it was acknowledged. */
export async function upload(agent: AgentProcess, file: SentFile): Promise<Stored> {
  const { status, body } = await post(agent, [file]);
  const image = body.images[0];
  if (status !== 201 || image === undefined) throw new Error(`${file.name}: ${String(status)} ${JSON.stringify(body)}`);
  return image;
}

/** Runs `work` over `items`, at most `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await work(items[index] as T, index);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Every image file in a server's folder: path -> sha256 of what lies on disk. */
export async function imagesOnDisk(agent: AgentProcess): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(agent.imagesDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const full = join(entry.parentPath, entry.name);
    found.set(full.slice(agent.imagesDir.length + 1).replaceAll('\\', '/'), sha256(await readFile(full)));
  }
  return found;
}

/** Files that uploads left in the tmp area; empty unless something is on its way. */
export function leftInTmp(agent: AgentProcess): Promise<readonly string[]> {
  return readdir(join(agent.dataDir, 'tmp'));
}

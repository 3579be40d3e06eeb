import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';

/** 24 bytes are 32 characters of base64url. */
const KEY_BYTES = 24;

const fleetFileSchema = z.strictObject({
  version: z.literal(1),
  key: z.string().min(1),
  /** Address of every agent at the last start, in order. */
  servers: z.array(z.object({ name: z.string(), url: z.string() })),
});
export type FleetFile = z.output<typeof fleetFileSchema>;

/** The file `fleet.json` of a local fleet's folder, or undefined when there is none. A damaged one is CFG_UNREADABLE. */
export async function readFleetFile(dataDir: string): Promise<FleetFile | undefined> {
  const file = join(dataDir, 'fleet.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw new FleetError('CFG_UNREADABLE', `cannot read ${file}`, { cause: error });
  }
  try {
    return fleetFileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new FleetError('CFG_UNREADABLE', `${file} is damaged`, {
      cause: error,
      hint: 'Delete it and start the fleet again with --key and the key that its agents have.',
    });
  }
}

/** Writes the file, readable by its owner alone since it holds the key. */
export async function writeFleetFile(dataDir: string, content: FleetFile): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFileAtomically(join(dataDir, 'fleet.json'), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

/** A new key of 32 characters. */
export function newFleetKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

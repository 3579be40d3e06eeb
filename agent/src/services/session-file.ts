import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { readKept, removeKept, setAside, writeKept } from '#store/disk/kept-file.ts';

/** One login as it is kept. */
export interface KeptSession {
  /** Hash of the cookie's value. */
  readonly idHash: string;
  /** Of the key by which it began. */
  readonly keyFingerprint: string;
  readonly expiresAt: number;
}

/** Where sessions outlive the process. */
export interface SessionStore {
  /** Oldest first; empty when nothing was kept. Throws IO_FAILED when what was kept cannot be read. */
  load(): Promise<readonly KeptSession[]>;
  /** Resolves when it would survive a power cut. Throws IO_FAILED. */
  save(sessions: readonly KeptSession[]): Promise<void>;
  /** Forgets all of them, which also a full disk can do. Resolves when it would survive a power cut. Throws IO_FAILED. */
  remove(): Promise<void>;
  /** Puts what cannot be read under another name, before it is written anew. */
  setAside(): Promise<void>;
}

const kept = z.strictObject({
  version: z.literal(1),
  sessions: z
    .array(
      z.strictObject({ idHash: z.string().min(1), keyFingerprint: z.string().min(1), expiresAt: z.iso.datetime() }),
    )
    .max(100_000),
});
type KeptFile = z.output<typeof kept>;

/** `sessions.json`. It holds neither keys nor cookies, but what hashes of weak keys tell is for its owner alone. */
export function sessionFile(file: string): SessionStore {
  return {
    load: async () => {
      const text = await readKept(file);
      if (text === undefined) return [];
      return parse(file, text).sessions.map((session) => ({ ...session, expiresAt: Date.parse(session.expiresAt) }));
    },
    save: (sessions) => {
      const content: KeptFile = {
        version: 1,
        sessions: sessions.map((session) => ({ ...session, expiresAt: new Date(session.expiresAt).toISOString() })),
      };
      return writeKept(file, content, { mode: 0o600 });
    },
    remove: () => removeKept(file),
    setAside: () => setAside(file),
  };
}

function parse(file: string, text: string): KeptFile {
  try {
    return kept.parse(JSON.parse(text));
  } catch (cause) {
    throw new FleetError('IO_FAILED', `${file} is damaged.`, { cause });
  }
}

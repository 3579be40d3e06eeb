import { z } from 'zod';
import { ROLES } from '../operator/operator-api.ts';
import { durationMs, sizeBytes } from './units.ts';

/**
 * The agent's configuration as people write it (agent.yaml). Durations are `500ms 2s 10m 7d`, sizes `10MB 2GB`; both are
 * read into milliseconds and bytes. Unknown keys are refused, so that a typing error never silently means the default.
 */
const key = z.strictObject({ name: z.string().min(1), key: z.string().min(1), roles: z.array(z.enum(ROLES)).min(1) });

const peer = z.strictObject({
  name: z.string().min(1),
  /** Start of the peer's address, without a path. */
  url: z.url({ protocol: /^https?$/ }),
  /** The peer's own securityKey. */
  securityKey: z.string().min(1),
});

export const agentConfigSchema = z.strictObject({
  /** A label, the same in every peer's list. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, dash and underscore; at most 63'),
  /** host:port; port 0 takes a free one. */
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'host:port')
    .default('127.0.0.1:7401'),
  /** Start of every link. */
  publicUrl: z.url({ protocol: /^https?$/ }),
  /** Holds images/, catalog.sqlite, log/, trash/, quarantine/ and tmp/; one file system. */
  dataDir: z.string().min(1).default('./data'),
  /** IANA name; decides the day in generated paths. Undefined: the server's own. */
  timeZone: z.string().optional(),
  securityKey: z.string().optional(),
  keys: z.array(key).default([]),
  peers: z.array(peer).default([]),
  limits: z
    .strictObject({
      fileSize: sizeBytes.prefault('200MB'),
      filesPerRequest: z.coerce.number().int().min(1).max(10_000).default(1000),
      freeSpaceFloor: sizeBytes.prefault('1GB'),
      /** Uploads that are received at the same time; more wait. */
      concurrentUploads: z.coerce.number().int().min(1).max(1000).default(64),
      svg: z.stringbool().or(z.boolean()).default(false),
    })
    .prefault({}),
  replication: z
    .strictObject({
      /** Off: a failed or parked delivery goes out only by replay, as in the old system. */
      autoRetry: z.stringbool().or(z.boolean()).default(true),
      backoff: z.strictObject({ first: durationMs.prefault('2s'), cap: durationMs.prefault('10m') }).prefault({}),
      replayEvery: durationMs.prefault('10m'),
      trashPeriod: durationMs.prefault('30d'),
    })
    .prefault({}),
  /** Folders that legacy configurations put elsewhere; relative to the configuration's folder. */
  imagesDir: z.string().optional(),
  logDir: z.string().optional(),
});

/** As handed to the rest of the program: parsed, defaults filled in, paths absolute, frozen. */
export type AgentConfig = z.output<typeof agentConfigSchema>;

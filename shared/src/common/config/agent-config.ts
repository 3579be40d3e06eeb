import { z } from 'zod';
import { ROLES } from '../operator/operator-api.ts';
import { parseListenAddress } from './listen-address.ts';
import { duration, flag, size, wholeNumber } from './units.ts';
import { isTimeZone } from '../time/local-day.ts';

/**
 * The agent's configuration as people write it (agent.yaml). Durations are `500ms 2s 10m 7d`, sizes `10MB 2GB`; both are
 * read into milliseconds and bytes. Unknown keys are refused, so that a typing error never silently means the default.
 * Rules between keys are in config-rules.ts; parse-agent-config.ts applies both.
 */
/** Letters of every script, and spaces inside: the old program let servers be called anything. */
const name = z
  .string()
  .regex(
    /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._ -]{0,61}[\p{L}\p{M}\p{N}._-])?$/u,
    'expected letters, digits, dot, dash, underscore and inner spaces, beginning with a letter or digit, at most 63',
  );
const secret = z.string('expected text; put a key of digits in quotes').min(1, 'is empty');
const folder = z.string().min(1, 'is empty');
const key = z.strictObject({ name: z.string().min(1), key: secret, roles: z.array(z.enum(ROLES)).min(1) });

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'expected an address that begins with http:// or https://' })
  .refine(hasNoCredentials, 'must not contain a user name or password')
  .refine((text) => !/[?#]/.test(text), 'must not contain a query (?) or fragment (#)');

const peer = z.strictObject({
  name,
  /** Start of the peer's address, without a path. */
  url: httpUrl.refine((text) => !/^https?:\/\/[^/?#]*\/[^?#]/i.test(text), 'must not contain a path'),
  /** The peer's own securityKey; may be left out beside a peerKey. */
  securityKey: secret.optional(),
  /** The peer's own peerKey, where it has one. */
  peerKey: secret.optional(),
});

/** Timers overflow after 24 days and would fire at once, without end. */
const LONGEST_TIMER = '24d';

export const agentConfigSchema = z.strictObject({
  /** A label, the same in every peer's list; case does not tell names apart. */
  name,
  /** host:port; port 0 takes a free one. */
  listen: z
    .string('expected host:port')
    .refine((text) => parseListenAddress(text) !== undefined, 'expected host:port with a port up to 65535')
    .default('127.0.0.1:7401'),
  /** Start of every link. */
  publicUrl: httpUrl,
  /** Holds images/, catalog.sqlite, log/, trash/, quarantine/ and tmp/; one file system. */
  dataDir: folder.default('./data'),
  /** IANA name; decides the day in generated paths. Undefined: the server's own. */
  timeZone: z.string().refine(isTimeZone, 'expected a time zone such as Asia/Shanghai').optional(),
  /** The key for everything, and the one that peers use. Without it and without `keys` everybody is let in, on loopback only. */
  securityKey: secret.optional(),
  /** The key for peers alone, in place of securityKey: then they need not know the one for everything. */
  peerKey: secret.optional(),
  keys: z.array(key).default([]),
  peers: z.array(peer).default([]),
  limits: z
    .strictObject({
      fileSize: size({ min: '1B' }).prefault('200MB'),
      filesPerRequest: wholeNumber(1, 10_000).default(1000),
      freeSpaceFloor: size({}).prefault('1GB'),
      /** Uploads that are received at the same time; more wait. */
      concurrentUploads: wholeNumber(1, 1000).default(64),
      svg: flag.default(false),
    })
    .prefault({}),
  replication: z
    .strictObject({
      /** Off: a failed or parked delivery goes out only by replay, as in the old system. */
      autoRetry: flag.default(true),
      backoff: z
        .strictObject({
          first: duration({ min: '1ms', max: LONGEST_TIMER }).prefault('2s'),
          cap: duration({ min: '1ms', max: LONGEST_TIMER }).prefault('10m'),
        })
        .prefault({}),
      replayEvery: duration({ min: '1s', max: LONGEST_TIMER }).prefault('10m'),
      trashPeriod: duration({}).prefault('30d'),
      /** How often the records are compared with those of every peer. */
      verifyEvery: duration({ min: '1s', max: '7d' }).prefault('1h'),
    })
    .prefault({}),
  /** Folders that legacy configurations put elsewhere; relative to the configuration's folder. */
  imagesDir: folder.optional(),
  logDir: folder.optional(),
});

/** As handed to the rest of the program: parsed, defaults filled in, paths absolute, frozen. */
export type AgentConfig = z.output<typeof agentConfigSchema>;

function hasNoCredentials(text: string): boolean {
  return !/^[a-z]+:\/\/[^/?#]*@/i.test(text);
}

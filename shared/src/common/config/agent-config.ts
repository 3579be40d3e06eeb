import { z } from 'zod';
import { httpUrl, label, listenAddress, LONGEST_TIMER, namedKey, path, secret, serverUrl } from './config-values.ts';
import { agentMonitorBlock } from './monitor-config.ts';
import { duration, flag, size, wholeNumber } from './units.ts';
import { isTimeZone } from '../time/local-day.ts';

const peer = z.strictObject({
  name: label,
  url: serverUrl,
  /** The peer's own securityKey; may be left out beside a peerKey. */
  securityKey: secret.optional(),
  /** The peer's own peerKey, where it has one. */
  peerKey: secret.optional(),
});

/**
 * The agent's configuration as people write it (agent.yaml). Durations are `500ms 2s 10m 7d`, sizes `10MB 2GB`; both are
 * read into milliseconds and bytes. Unknown keys are refused, so that a typing error never silently means the default.
 * Rules between keys are in config-rules.ts; parse-agent-config.ts applies both.
 */
export const agentConfigSchema = z.strictObject({
  /** A label, the same in every peer's list; case does not tell names apart. */
  name: label,
  /** host:port; port 0 takes a free one. */
  listen: listenAddress.default('127.0.0.1:7401'),
  /** Start of every link. */
  publicUrl: httpUrl,
  /** Holds images/, catalog.sqlite, monitor.sqlite, log/, trash/ and tmp/; one file system. */
  dataDir: path.default('./data'),
  /** IANA name; decides the day in generated paths. Undefined: the server's own. */
  timeZone: z.string().refine(isTimeZone, 'expected a time zone such as Asia/Shanghai').optional(),
  /** The key for everything, and the one that peers use. Without it and without `keys` everybody is let in, on loopback only. */
  securityKey: secret.optional(),
  /** The key for peers alone, in place of securityKey: then they need not know the one for everything. */
  peerKey: secret.optional(),
  keys: z.array(namedKey).default([]),
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
  /** How servers are watched, and who is told. */
  monitor: agentMonitorBlock.prefault({}),
  /** Folders that legacy configurations put elsewhere; relative to the configuration's folder. */
  imagesDir: path.optional(),
  logDir: path.optional(),
});

/** As handed to the rest of the program: parsed, defaults filled in, paths absolute, frozen. */
export type AgentConfig = z.output<typeof agentConfigSchema>;

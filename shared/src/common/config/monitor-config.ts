import { z } from 'zod';
import { DEFAULT_HEALTH_SETTINGS as DEFAULTS } from '../health/health-settings.ts';
import { hookUrl, hostPort, label, listenAddress, namedKey, path, secret, serverUrl } from './config-values.ts';
import type { StatusRange } from '../health/http-check.ts';
import { STATUS_FORMATS } from '../status-file/status-content.ts';
import { duration, flag, formatDuration, wholeNumber } from './units.ts';

/**
 * How servers are watched, as people write it: the block `monitor` of an agent.yaml, or with a few more keys a whole
 * monitor.yaml. Rules between keys are in monitor-rules.ts.
 */

export const HOOK_EVENTS = ['up', 'down', 'warming', 'unknown', 'maintenance', 'incident', 'recovery'] as const;

const MAX_SERVERS = 10_000;
const MAX_STATUS_FILES = 1000;
const MAX_HOOKS = 100;

const STATUS_EXPECTED = 'expected a status such as 204 or a range such as 200-299';

const statusRange = z.union([z.number(), z.string()], STATUS_EXPECTED).transform((given, context): StatusRange => {
  const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(given)) ?? [];
  if (from !== undefined && Number(from) <= Number(to)) return { from: Number(from), to: Number(to) };
  context.issues.push({ code: 'custom', message: STATUS_EXPECTED, input: given });
  return z.NEVER;
});

const httpProbe = z.strictObject({
  path: z
    .string('expected a path such as /health')
    .regex(/^\/[!-~]{0,1999}$/, 'expected a path that begins with / and is percent-encoded')
    .default('/'),
  tls: flag.default(false),
  /** Undefined: 200 to 399. */
  statuses: z.array(statusRange).min(1, 'is empty').max(50).optional(),
  /** Text that the body must contain. */
  body: z.string().min(1, 'is empty').max(1000).optional(),
});

const watchedServer = z.strictObject(
  {
    /** Undefined: its address. */
    name: label.optional(),
    address: hostPort,
    /** Whole, because nginx knows no other weights. */
    weight: wholeNumber(1, 1000).default(1),
    /** Undefined: a connection is all that is asked for. */
    http: httpProbe.optional(),
  },
  'expected host:port, or { address: host:port } with more settings',
);

const statusFile = z.strictObject({
  path,
  format: z.enum(STATUS_FORMATS, `expected one of ${STATUS_FORMATS.join(', ')}`),
  /** Name of the upstream block; nginx only. */
  upstream: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,63}$/, 'expected letters, digits, dot, dash and underscore, at most 63')
    .optional(),
});

const hook = z.strictObject({
  on: z
    .array(z.enum(HOOK_EVENTS, `expected one of ${HOOK_EVENTS.join(', ')}`))
    .min(1, 'is empty')
    .default(['up', 'down']),
  /** Names; undefined: all. */
  servers: z.array(z.string()).min(1, 'is empty').max(MAX_SERVERS).optional(),
  /** A program and its arguments, never a shell. */
  exec: z
    .array(
      z.string('expected text; put numbers in quotes').max(10_000),
      'expected a list: the program, then its arguments',
    )
    .min(1, 'is empty')
    .max(100)
    .optional(),
  webhook: hookUrl.optional(),
  /** Signs what goes to the webhook. */
  secret: secret.optional(),
  timeout: duration({ min: '100ms', max: '10m' }).prefault('10s'),
});

const probeDuration = (defaultMs: number) => duration({ min: '50ms', max: '1h' }).prefault(formatDuration(defaultMs));

const monitorShape = {
  /** From the start of one probe to the start of the next. */
  interval: probeDuration(DEFAULTS.intervalMs),
  /** The same while the verdict is in doubt. */
  fastInterval: probeDuration(DEFAULTS.fastIntervalMs),
  timeout: probeDuration(DEFAULTS.timeoutMs),
  fall: wholeNumber(1, 100).default(DEFAULTS.fall),
  rise: wholeNumber(1, 100).default(DEFAULTS.rise),
  warmUp: duration({ max: '24h' }).prefault(formatDuration(DEFAULTS.warmUpMs)),
  statusFiles: z.array(statusFile).max(MAX_STATUS_FILES).default([]),
  hooks: z.array(hook).max(MAX_HOOKS).default([]),
};

const servers = z
  .array(z.preprocess((given) => (typeof given === 'string' ? { address: given } : given), watchedServer))
  .max(MAX_SERVERS, `at most ${String(MAX_SERVERS)} servers`);

/** The block `monitor` of an agent.yaml. The agents of the fleet are watched without being listed. */
export const agentMonitorBlock = z.strictObject({
  ...monitorShape,
  /** Where others reach this server, for status files. Undefined: where it listens. */
  address: hostPort.optional(),
  /** Servers of any kind. Where there are some, status files list these, and not the fleet's agents. */
  servers: servers.default([]),
});

const witness = z.strictObject({ name: label, url: serverUrl, securityKey: secret });

/** monitor.yaml: a monitor without an agent around it. */
export const monitorConfigSchema = z.strictObject({
  /** What it calls itself, towards its witnesses and in its log. */
  name: label.default('monitor'),
  /** Of its API; port 0 takes a free one. */
  listen: listenAddress.default('127.0.0.1:7400'),
  /** Without it and without `keys` everybody is let in, on loopback only. */
  securityKey: secret.optional(),
  keys: z.array(namedKey).default([]),
  /** Not ./data: an agent that is configured in the same folder has its own history there. */
  dataDir: path.default('./monitor-data'),
  servers,
  /** Agents that are asked whether they reach a server, before its silence counts. */
  witnesses: z.array(witness).max(100).default([]),
  ...monitorShape,
});

export type MonitorConfig = z.output<typeof monitorConfigSchema>;
/** What the two forms have in common. */
export type MonitorSettings = Pick<MonitorConfig, keyof typeof monitorShape | 'servers'>;
export type HookConfig = MonitorSettings['hooks'][number];

import {
  FILE_FAILURE_CODES,
  ITEM_STATES,
  MAX_CHANGES,
  PASS_REASONS,
  type ItemState,
  type PassReason,
} from '#bridge/engine-words.ts';
import { z } from 'zod';
import { errorCode } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { DEFAULT_TEMPLATE, TEXT_FORMATS } from '@imagefleet/shared/common/links/link-formats.ts';
import { fleetReport } from './fleet-schemas.ts';
import { dryRunReport } from './report-schemas.ts';

interface EngineMethod {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

/** Single files are roots too, and a file manager lets one choose all those of a folder. */
const MAX_ROOTS = 20_000;
const MAX_PATH = 4096;
const MAX_PATTERNS = 100;
const MAX_TEMPLATE = 1000;
/** For a clipboard; whoever wants more takes a file. */
const MAX_LINKS = 100_000;
/** Of files that a scan passed over; the counts name them all. */
export const MAX_PASSED_EXAMPLES = 20;
/** More at once help no server, and each holds files open. */
export const MAX_REQUESTS = 64;

const count = z.int().nonnegative();
const instant = z.number();
const failureCode = z.union([errorCode, z.enum(FILE_FAILURE_CODES)]);
const keys = z.array(z.int().positive()).min(1).max(MAX_CHANGES);
const patterns = z.array(z.string()).max(MAX_PATTERNS).optional();
const passReason = z.enum(PASS_REASONS);

/** Files and bytes in each state. */
const counts = z.object(
  Object.fromEntries(ITEM_STATES.map((state) => [state, z.object({ files: count, bytes: count })])) as Record<
    ItemState,
    z.ZodObject<{ files: typeof count; bytes: typeof count }>
  >,
);

export const limits = z.object({
  /** 0: no limit. */
  bytesPerSecond: count,
  /** To one server at the same time. */
  requests: z.int().min(1).max(MAX_REQUESTS),
});

const problem = z.object({ code: failureCode, message: z.string() });

const status = z.object({
  counts,
  isPaused: z.boolean(),
  /** Why nothing goes out although it should; milliseconds since the epoch. */
  holding: problem.extend({ since: instant }).nullable(),
  limits,
  /** Null until there is enough to tell. */
  bytesPerSecond: z.number().nullable(),
  /** Null when it cannot be told. */
  secondsLeft: z.number().nullable(),
  /** Bytes that are on their way at this moment. */
  bytesUnderWay: count,
  /** In the order in which this machine prefers them; the first that is fit gets what is sent. */
  targets: z.array(
    z.object({
      server: z.string(),
      isFit: z.boolean(),
      heard: z.enum(['unknown', 'up', 'warming', 'down', 'maintenance']).nullable(),
      problem: problem.nullable(),
    }),
  ),
});

const added = z.object({
  added: count,
  addedBytes: count,
  /** They wait in the queue already. */
  known: count,
  passedOver: z.partialRecord(passReason, count),
  examples: z.array(z.object({ file: z.string(), reason: passReason })).max(MAX_PASSED_EXAMPLES),
});

const item = z.object({
  key: z.int().positive(),
  file: z.string(),
  path: z.string(),
  sizeBytes: count,
  state: z.enum(ITEM_STATES),
  sha256: z.string().nullable(),
  attempts: count,
  retryAt: instant.nullable(),
  failure: problem.nullable(),
  image: z.object({ path: z.string(), link: z.string() }).nullable(),
  isForced: z.boolean(),
  /** Of a file that is on its way; else 0. */
  sentBytes: count,
});

const path = z.string().min(1).max(MAX_PATH);
const folders = z.object({
  /** Absolute; folders or files. */
  roots: z.array(path).min(1).max(MAX_ROOTS),
  include: patterns,
  exclude: patterns,
});
const linkChoice = z.object({
  format: z.enum(TEXT_FORMATS).default('url'),
  template: z.string().max(MAX_TEMPLATE).default(DEFAULT_TEMPLATE),
});

/** Without keys: all of them. */
const chosen = z.object({ keys: keys.optional() });

/**
 * Every call of the engine, for whoever drives it from outside of its process: the command now, the window of the desktop
 * app. Answers are made anew with each call; nothing of them is live.
 */
export const ENGINE_API = {
  /** Answers when all that was found is in the queue on the disk. */
  addFolders: { input: folders, output: added },
  readStatus: { input: z.object({}), output: status },
  listItems: {
    input: z.object({
      state: z.enum(ITEM_STATES).optional(),
      /** Key of the last item of the page before. */
      after: count.optional(),
      /** So many behind that one are left out: a page anywhere in the list. */
      skip: count.optional(),
      limit: z.int().min(1).max(MAX_CHANGES).default(200),
    }),
    output: z.object({ items: z.array(item), next: z.int().nullable() }),
  },
  /** With keys: these files. Without: the engine, which stays paused until it is told to resume, also over a restart. */
  pause: { input: chosen, output: status },
  /** Without keys: the engine, and every file that was paused by itself. */
  resume: { input: chosen, output: status },
  /** Without keys: everything that is not in the fleet yet and did not fail. */
  cancel: { input: chosen, output: status },
  /** Without keys: everything that failed, and at once what waits for its next try. */
  retry: { input: chosen, output: status },
  /** Files that were not sent because the fleet has their bytes. */
  sendAnyway: { input: z.object({ keys }), output: status },
  /** Hold from the next request and the next bytes on, and over a restart. What is not named stays. */
  setLimits: { input: limits.partial(), output: status },
  /** What `addFolders` would do, without adding or sending anything; hashes are kept. One at a time: RATE_LIMITED. */
  checkFolders: { input: folders, output: dryRunReport },
  /** How far the check is that is under way; null when there is none. */
  readCheck: { input: z.object({}), output: z.object({ files: count, bytes: count }).nullable() },
  /** Links of what is in the fleet, one a line; the first `limit` of them. */
  readLinks: {
    input: linkChoice.extend({ limit: z.int().min(1).max(MAX_LINKS).default(MAX_LINKS) }),
    output: z.object({ text: z.string(), lines: count, isWhole: z.boolean() }),
  },
  /** All of them, into a file; answers how many. */
  writeLinks: { input: linkChoice.extend({ file: path }), output: z.object({ lines: count }) },
  /** Every file of the queue as a table (CSV), into a file. */
  writeTable: { input: z.object({ file: path }), output: z.object({ rows: count }) },
  /** What is asked of somebody whose uploads do not work, without secrets, into a file. */
  writeDiagnostics: { input: z.object({ file: path }), output: z.object({}) },
  readFleet: { input: z.object({}), output: fleetReport },
  /** Takes out of the list what is done, was there already or was cancelled. */
  clearHistory: { input: z.object({}), output: z.object({ removed: count }) },
} as const satisfies Record<string, EngineMethod>;

export type EngineApi = typeof ENGINE_API;
export type EngineMethodName = keyof EngineApi;
export type EngineInput<M extends EngineMethodName> = z.output<EngineApi[M]['input']>;
export type EngineOutput<M extends EngineMethodName> = z.output<EngineApi[M]['output']>;
export type EngineLimits = z.output<typeof limits>;

/** What the engine offers to others: what has a default may be left out. */
export type EngineClient = {
  readonly [M in EngineMethodName]: (input: z.input<EngineApi[M]['input']>) => Promise<EngineOutput<M>>;
};

export type PassedOverCounts = Readonly<Partial<Record<PassReason, number>>>;

export function isEngineMethod(name: string): name is EngineMethodName {
  return Object.hasOwn(ENGINE_API, name);
}

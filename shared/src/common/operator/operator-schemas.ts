import { z } from 'zod';
import { NO_CAUSE } from '../delivery/delivery.ts';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.ts';
import { SERVER_STATES } from '../health/fleet-snapshot.ts';

/** Shapes of HTTP API v1. Instants are epoch milliseconds, sizes bytes; what is unknown is null, never 0. */

export const errorCode = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);
export const cause = z.object({ code: errorCode, message: z.string() });
export const errorBody = z.object({ code: errorCode, message: z.string(), hint: z.string().optional() });

/** By what deliveries are chosen: a code, or `none` for those without a cause, whose groups have the code null. */
const causeFilter = z.enum([...errorCode.options, NO_CAUSE]);
const limit = z.coerce.number().int().min(1).max(1000).default(100);
const cursor = z.string().max(1000).optional();
/** `server`: this server's own view. `fleet`: every agent is asked, one hop. */
export const scope = z.enum(['server', 'fleet']).default('server');
/** Servers that did not answer within the time for a fleet-wide question; empty in the server's own scope. */
export const silent = z.array(z.string());
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const deliveryState = z.enum(['pending', 'inflight', 'failed', 'parked', 'dead']);

export const scopeQuery = z.object({ scope });

export const replica = z.object({
  server: z.string(),
  state: z.enum(['stored', 'pending', 'failed']),
  code: errorCode.optional(),
});
export const storedImage = z.object({
  path: z.string(),
  link: z.string(),
  sha256,
  sizeBytes: z.number().int(),
  mediaType: z.string(),
  originalName: z.string(),
  replicas: z.array(replica),
});
/** One entry of an upload's answer that was refused (207): its place is kept, so answers line up with the files sent. */
export const refusedImage = z.object({ originalName: z.string(), error: errorBody });
export const receipt = z.object({ images: z.array(z.union([storedImage, refusedImage])) });
export type Replica = z.infer<typeof replica>;
export type StoredImage = z.infer<typeof storedImage>;
export type RefusedImage = z.infer<typeof refusedImage>;

export const lookupInput = z.object({
  sha256: z.array(sha256).max(1000),
  /** Of bytes that stand under several paths, this one is answered where they stand there. */
  path: z.string().max(1000).optional(),
});
/** What one server takes, by its configuration. */
export const uploadLimits = z.object({
  fileSizeBytes: z.number().int(),
  filesPerRequest: z.number().int(),
  /** Decided by the first bytes of a file, never by its name. */
  mediaTypes: z.array(z.string()),
});
export type UploadLimits = z.infer<typeof uploadLimits>;
export const lookupAnswer = z.object({
  images: z.array(z.object({ sha256, path: z.string(), link: z.string(), sizeBytes: z.number().int() })),
  /** The server's, for clients that choose ids: the day in generated names is the server's local one. */
  clock: z.object({ at: z.number().int(), timeZone: z.string() }).optional(),
  /** Of the server that answers; agents that are older than the field do not tell. */
  limits: uploadLimits.optional(),
});

export const imageQuery = z.object({
  /** yyyy-MM-dd in the server's time zone; generated names only. */
  day: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .optional(),
  prefix: z.string().max(1000).optional(),
  /** Searches path and original name. */
  q: z.string().max(200).optional(),
  cursor,
  limit,
});
export const imageEntry = z.object({
  path: z.string(),
  link: z.string(),
  sha256,
  sizeBytes: z.number().int(),
  mediaType: z.string(),
  originalName: z.string(),
  version: z.string(),
  createdAt: z.number().int(),
});
export const imagePage = z.object({ images: z.array(imageEntry), next: z.string().nullable() });
export const imageDetail = imageEntry.extend({ replicas: z.array(replica) });

export const backlog = z.object({
  pending: z.number().int(),
  inflight: z.number().int(),
  failed: z.number().int(),
  parked: z.number().int(),
  dead: z.number().int(),
});
/** In images; `bytesDone` of those that were fetched. `etaSeconds` is null until the pace is known. */
export const reseed = z.object({
  total: z.number().int(),
  done: z.number().int(),
  bytesDone: z.number(),
  etaSeconds: z.number().int().nullable(),
});
export const serverEntry = z.object({
  name: z.string(),
  url: z.string(),
  state: z.enum(SERVER_STATES),
  /** When it came into this state, epoch milliseconds. */
  since: z.number().int().nullable().default(null),
  /** Milliseconds until it is up if it goes on answering; null when it is not warming up. */
  warmUpLeftMs: z.number().nullable().default(null),
  /** An agent of the fleet; false for another server that is watched, which has no images and no backlog. */
  isAgent: z.boolean().default(true),
  /** host:port under which it is watched. */
  address: z.string().nullable().default(null),
  /** Age of the oldest open delivery to this server, in seconds. */
  lagSeconds: z.number().nullable(),
  /** Open deliveries to this server. */
  backlog: backlog.nullable(),
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }).nullable(),
  images: z.number().int().nullable(),
  /** The server is reached over plain HTTP on an address that is not loopback. */
  unencrypted: z.boolean(),
  /** Why it is not up, or is up and takes no copies; null where there is nothing to tell. */
  cause: cause.nullable(),
  /** How far a server is that fills itself again after it lost images; null when it lacks nothing that it knows of. */
  reseed: reseed.nullable().default(null),
});
export const serverList = z.object({ servers: z.array(serverEntry), silent });
export type ServerEntry = z.infer<typeof serverEntry>;
export type Backlog = z.infer<typeof backlog>;

const idList = z.array(z.number().int()).max(1000);
/** In a query the ids stand in one value with commas between them. */
const queriedIds = z.union([
  idList,
  z
    .string()
    .regex(/^\d{1,15}(,\d{1,15})*$/, 'expected ids with commas between them')
    .transform((text) => text.split(',').map(Number))
    .pipe(idList),
]);

export const deliveryQuery = z.object({
  ids: queriedIds.optional(),
  state: deliveryState.optional(),
  server: z.string().optional(),
  cause: causeFilter.optional(),
  scope,
  cursor,
  limit,
});
export const deliveryEntry = z.object({
  id: z.number().int(),
  path: z.string(),
  source: z.string(),
  server: z.string(),
  state: deliveryState,
  attempts: z.number().int(),
  nextAttemptAt: z.number().int().nullable(),
  cause: cause.nullable(),
  sizeBytes: z.number().int(),
  firstFailedAt: z.number().int().nullable(),
});
export const deliveryPage = z.object({ deliveries: z.array(deliveryEntry), next: z.string().nullable(), silent });
export const deliveryGroup = z.object({
  source: z.string(),
  server: z.string(),
  state: deliveryState,
  code: errorCode.nullable(),
  message: z.string().nullable(),
  count: z.number().int(),
  bytes: z.number(),
  oldestQueuedAt: z.number().int(),
  /**
   * Whether `source` tries by itself what failed or is parked; without it such copies go out only by a replay. Agents
   * that do not tell are older than the field.
   */
  autoRetry: z.boolean().default(true),
});
export const deliverySummary = z.object({
  groups: z.array(deliveryGroup),
  total: z.number().int(),
  silent,
  /** When it was answered, by the clock of the server that was asked, epoch milliseconds: ages are told from it. */
  at: z.number().int().optional(),
});
export type DeliveryEntry = z.infer<typeof deliveryEntry>;
export type DeliveryGroup = z.infer<typeof deliveryGroup>;

export const replayInput = z
  .object({
    ids: z.array(z.number().int()).max(10_000).optional(),
    server: z.string().optional(),
    cause: causeFilter.optional(),
    all: z.boolean().optional(),
    /** With the scope of the fleet: only what this server has to send. Ids are of one server, so there they need it. */
    source: z.string().optional(),
    scope,
  })
  .refine(
    (input) => input.ids !== undefined || input.server !== undefined || input.cause !== undefined || input.all === true,
    {
      message: 'say what to replay: ids, server, cause or all: true',
    },
  );
/** `requeued` counts deliveries that go out now; `unreachable` are servers whose deliveries stay parked because a probe failed. */
export const replayAnswer = z.object({ requeued: z.number().int(), unreachable: z.array(z.string()), silent });

export const failureLogPage = z.object({
  day: z.string(),
  days: z.array(z.string()),
  lines: z.array(
    z.object({ at: z.string(), path: z.string(), server: z.string(), code: errorCode, message: z.string() }),
  ),
  truncated: z.boolean(),
});

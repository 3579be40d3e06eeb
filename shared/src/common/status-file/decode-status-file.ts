import { formatHostPort } from '../address/server-address.ts';
import { z } from 'zod';
import { FleetError } from '../errors/fleet-error.ts';
import { SERVER_STATES, type ServerState } from '../health/fleet-snapshot.ts';
import { decodeAspnet } from './aspnet-decoder.ts';
import { decodeNginx } from './nginx-form.ts';
import { type StatusFormat } from './status-content.ts';

/** A server as it was read from a status file. */
export interface DecodedStatusServer {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly online: boolean;
  /** 1 where the form has none. */
  readonly weight: number;
  /** Only where the form has it. */
  readonly state?: ServerState;
}

export interface DecodedStatusFile {
  readonly format: StatusFormat;
  /** In the order of the file, which the legacy resolver counts by. */
  readonly servers: readonly DecodedStatusServer[];
  /** Null in a file that another monitor wrote. */
  readonly generation: number | null;
  /** Epoch milliseconds of the decision, where the form has it. */
  readonly at: number | null;
  /** Name of the block in the nginx form. */
  readonly upstream: string | null;
}

/** A list of 10,000 servers is below a tenth of it. */
export const MAX_STATUS_FILE_CHARACTERS = 16 * 1024 * 1024;

const jsonSchema = z.object({
  generation: z.int().min(0).nullable().default(null),
  servers: z.array(
    z.object({
      host: z.string().min(1).max(255),
      port: z.int().min(1).max(65_535),
      online: z.boolean(),
      state: z.enum(SERVER_STATES).optional(),
      weight: z.number().positive().default(1),
    }),
  ),
});

/**
 * Reads a status file of any form, which it knows by the content; also one that the old monitor wrote, or a hand. Throws
 * STATUS_FILE_INVALID, and nothing else, for what is none or is not whole.
 */
export function decodeStatusFile(text: string): DecodedStatusFile {
  if (text.length > MAX_STATUS_FILE_CHARACTERS) throw invalid('it is too large to be one');
  const decoded = decode(text.replace(/^\uFEFF/, '').trim());
  const keys = new Set<string>();
  for (const server of decoded.servers) {
    const key = formatHostPort(server);
    // Whether it is online would depend on who reads it.
    if (keys.has(key)) throw invalid(`${key} stands in it twice`);
    keys.add(key);
  }
  return decoded;
}

function decode(text: string): DecodedStatusFile {
  if (text === '') throw invalid('it is empty');
  try {
    if (text.startsWith('<')) return decodeAspnet(text);
    if (text.startsWith('{')) return decodeJson(text);
    return decodeNginx(text);
  } catch (error) {
    if (error instanceof FleetError) throw error;
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

function decodeJson(text: string): DecodedStatusFile {
  const parsed = jsonSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error);
  }
  const servers = parsed.data.servers.map(({ state, ...server }) =>
    state === undefined ? server : { ...server, state },
  );
  return { format: 'json', servers, generation: parsed.data.generation, at: null, upstream: null };
}

function invalid(why: string, cause?: unknown): FleetError {
  return new FleetError('STATUS_FILE_INVALID', `this is no status file: ${why}`, { cause });
}

import type { IncomingMessage } from 'node:http';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

const MAX_BYTES = 1024 * 1024;
/** No input of the API nests deeper than a few levels; a parser of ours that recurses must not be led deeper than this. */
const MAX_DEPTH = 20;

/** Reads a JSON object; an empty body is an empty object. Throws INPUT_INVALID or BODY_MALFORMED. */
export async function readJsonObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(request);
  if (text.trim() === '') return {};
  assertShallow(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FleetError('INPUT_INVALID', 'The body is not JSON.', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FleetError('INPUT_INVALID', 'The body is not a JSON object.');
  }
  return value as Readonly<Record<string, unknown>>;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_BYTES) break;
      chunks.push(chunk as Buffer);
    }
  } catch (cause) {
    throw new FleetError('BODY_MALFORMED', 'The body ended early.', { cause });
  }
  if (bytes > MAX_BYTES) throw new FleetError('INPUT_INVALID', `The body is longer than ${String(MAX_BYTES)} bytes.`);
  return Buffer.concat(chunks).toString('utf8');
}

function assertShallow(text: string): void {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isInString) {
      if (character === '\\') index += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > MAX_DEPTH)
      throw new FleetError('INPUT_INVALID', `The body nests deeper than ${String(MAX_DEPTH)} levels.`);
  }
}

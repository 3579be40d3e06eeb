import { FleetError } from '../errors/fleet-error.ts';
import { parseUrlPath } from '../image/image-path.ts';
import {
  OPERATOR_API,
  type OperatorCall,
  type OperatorInput,
  type OperatorMethod,
  type OperatorMethodName,
} from './operator-api.ts';

/** Where the table's paths begin. */
export const API_ROOT = '/api/v1';

/** A call as it goes over HTTP. */
export interface OperatorRequest {
  readonly http: OperatorMethod['http'];
  /** With API_ROOT, percent-encoded, without the query. */
  readonly path: string;
  /** GET and DELETE only; left out when empty. */
  readonly query?: Readonly<Record<string, string>>;
  /** POST and PUT only; goes out as JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A list of ten thousand wrong ids must not make an answer of ten thousand sentences. */
const LISTED_PROBLEMS = 20;

/** The request of a call. Does not check the input; the server does, and answers INPUT_INVALID. */
export function toRequest<M extends OperatorMethodName>(name: M, input: OperatorCall<M>): OperatorRequest {
  const method: OperatorMethod = OPERATOR_API[name];
  const rest = new Map(Object.entries(input as Record<string, unknown>).filter(([, value]) => value !== undefined));
  const path = method.path
    .split('/')
    .map((part) => {
      const field = fieldOf(part);
      if (field === undefined) return part;
      const value = textOf(rest.get(field));
      rest.delete(field);
      return part.startsWith('*') ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
    })
    .join('/');
  const request = { http: method.http, path: `${API_ROOT}${path}` };
  if (takesBody(method)) return { ...request, body: Object.fromEntries(rest) };
  if (rest.size === 0) return request;
  return { ...request, query: Object.fromEntries([...rest].map(([key, value]) => [key, textOf(value)])) };
}

/**
 * The fields that stand in a call's path, decoded exactly once from the path as it was sent: with API_ROOT, percent-encoded
 * and without the query. Throws PATH_INVALID for a `*` field, which always is an image's path, and INPUT_INVALID for a
 * `:` field that is not percent-encoded UTF-8.
 */
export function pathFields(name: OperatorMethodName, encodedPath: string): Readonly<Record<string, string>> {
  const parts = encodedPath.slice(API_ROOT.length).split('/');
  const fields: Record<string, string> = {};
  for (const [index, part] of OPERATOR_API[name].path.split('/').entries()) {
    const field = fieldOf(part);
    if (field === undefined) continue;
    fields[field] = part.startsWith('*')
      ? parseUrlPath(`/${parts.slice(index).join('/')}`)
      : decode(parts[index] ?? '');
  }
  return fields;
}

/**
 * The checked input of a call: what stands in the path, then the query (GET, DELETE) or the JSON body (POST, PUT). The
 * path's fields win. Throws INPUT_INVALID with the problems and their places.
 */
export function readInput<M extends OperatorMethodName>(
  name: M,
  sent: { readonly fields?: Readonly<Record<string, string>>; readonly query?: unknown; readonly body?: unknown },
): OperatorInput<M> {
  const method: OperatorMethod = OPERATOR_API[name];
  const given = (takesBody(method) ? sent.body : sent.query) ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new FleetError('INPUT_INVALID', 'The body must be a JSON object.');
  }
  const result = method.input.safeParse({ ...given, ...sent.fields });
  if (result.success) return result.data as OperatorInput<M>;
  const problems = result.error.issues
    .slice(0, LISTED_PROBLEMS)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new FleetError('INPUT_INVALID', `The input of ${name} is not valid: ${problems.join('; ')}.`);
}

/** Whether a call's input stands in a JSON body; else it stands in the query. */
export function takesBody(method: OperatorMethod): boolean {
  return method.http === 'POST' || method.http === 'PUT';
}

function fieldOf(part: string): string | undefined {
  return part.startsWith(':') || part.startsWith('*') ? part.slice(1) : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new FleetError('INPUT_INVALID', `${part} in the path is not percent-encoded UTF-8.`, { cause: error });
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

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

/** What a path says: the method, and the fields that stand in the path, decoded. */
export interface OperatorMatch {
  readonly name: OperatorMethodName;
  readonly fields: Readonly<Record<string, string>>;
}

/** A list of ten thousand wrong ids must not make an answer of ten thousand sentences. */
const LISTED_PROBLEMS = 20;

const METHOD_NAMES = Object.keys(OPERATOR_API) as readonly OperatorMethodName[];

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
  if (!hasQuery(method)) return { ...request, body: Object.fromEntries(rest) };
  if (rest.size === 0) return request;
  return { ...request, query: Object.fromEntries([...rest].map(([key, value]) => [key, textOf(value)])) };
}

/**
 * The method that a percent-encoded path without its query asks for; undefined when the table has none. A path with a
 * literal part wins over one with a field. Throws PATH_INVALID for a `*` field, which always is an image's path, and
 * INPUT_INVALID for a `:` field that is not percent-encoded UTF-8.
 */
export function matchRequest(http: string, encodedPath: string): OperatorMatch | undefined {
  if (!encodedPath.startsWith(`${API_ROOT}/`)) return undefined;
  const parts = encodedPath.slice(API_ROOT.length).split('/');
  const candidates = METHOD_NAMES.filter((name) => {
    const method = OPERATOR_API[name];
    return method.http === http && fits(method.path.split('/'), parts);
  }).sort((a, b) => countFields(a) - countFields(b));
  const name = candidates[0];
  return name === undefined ? undefined : { name, fields: readFields(OPERATOR_API[name].path.split('/'), parts) };
}

/** HTTP methods that the table has for a path: empty means 404, otherwise another method means 405. */
export function allowedMethods(encodedPath: string): readonly string[] {
  const parts = encodedPath.slice(API_ROOT.length).split('/');
  const names = METHOD_NAMES.filter((name) => fits(OPERATOR_API[name].path.split('/'), parts));
  return encodedPath.startsWith(`${API_ROOT}/`) ? [...new Set(names.map((name) => OPERATOR_API[name].http))] : [];
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
  const given = (hasQuery(method) ? sent.query : sent.body) ?? {};
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

function hasQuery(method: OperatorMethod): boolean {
  return method.http === 'GET' || method.http === 'DELETE';
}

function fieldOf(part: string): string | undefined {
  return part.startsWith(':') || part.startsWith('*') ? part.slice(1) : undefined;
}

function countFields(name: OperatorMethodName): number {
  return OPERATOR_API[name].path.split('/').filter((part) => fieldOf(part) !== undefined).length;
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  const isOpen = pattern.at(-1)?.startsWith('*') === true;
  if (isOpen ? parts.length < pattern.length : parts.length !== pattern.length) return false;
  return pattern.every((part, index) => (fieldOf(part) !== undefined ? parts[index] !== '' : part === parts[index]));
}

function readFields(pattern: readonly string[], parts: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const field = fieldOf(part);
    if (field === undefined) continue;
    fields[field] = part.startsWith('*')
      ? parseUrlPath(`/${parts.slice(index).join('/')}`)
      : decode(parts[index] ?? '');
  }
  return fields;
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

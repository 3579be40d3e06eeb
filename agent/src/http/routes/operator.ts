import type Router from '@koa/router';
import type { Context } from 'koa';
import type { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  OPERATOR_API,
  type OperatorHandlers,
  type OperatorMethod,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { bearerKey, type Gatekeeper } from '../auth.ts';
import { readJsonObject } from '../json-body.ts';

export interface OperatorRoutesDeps {
  readonly gatekeeper: Gatekeeper;
  readonly handlers: OperatorHandlers;
}

const ROOT = '/api/v1';
const LISTED_ISSUES = 20;

/** One route per row of the OperatorApi table; nothing about a call is written down a second time. */
export function operatorRoutes(router: Router, deps: OperatorRoutesDeps): void {
  const rows = Object.entries(OPERATOR_API) as [keyof OperatorHandlers, OperatorMethod][];
  // Fixed paths first: /images/lookup must not be taken for an image of that name.
  const ordered = rows.sort(([, a], [, b]) => Number(hasFields(a)) - Number(hasFields(b)));
  for (const [name, method] of ordered) {
    // The row's schema has parsed the input, which is all that ties a name to its handler's parameter.
    const handler = deps.handlers[name] as (input: unknown) => Promise<unknown>;
    router.register(ROOT + method.path, [method.http], async (ctx) => {
      deps.gatekeeper.admit(bearerKey(ctx.get('Authorization')), method.role);
      const raw = { ...(await rawInput(ctx, method)), ...pathFields(ctx, method) };
      const answer = await handler(parseInput(method.input, raw));
      if (method.download === undefined) {
        ctx.body = answer;
      } else {
        // People open what they keep.
        ctx.body = `${JSON.stringify(answer, null, 2)}\n`;
        ctx.attachment(method.download);
        ctx.type = 'json';
      }
      ctx.status = method.status;
      ctx.set('Cache-Control', 'no-store');
    });
  }
}

function hasFields(method: OperatorMethod): boolean {
  return /[:*]/.test(method.path);
}

async function rawInput(ctx: Context, method: OperatorMethod): Promise<object> {
  if (method.http === 'GET' || method.http === 'DELETE') return { ...ctx.query };
  return readJsonObject(ctx.req);
}

/** Decoded here, exactly once, from the path as it was sent. */
function pathFields(ctx: Context, method: OperatorMethod): Readonly<Record<string, string>> {
  const segments = ctx.path.slice(ROOT.length).split('/');
  const fields: Record<string, string> = {};
  for (const [index, part] of method.path.split('/').entries()) {
    if (part.startsWith(':')) fields[part.slice(1)] = decode(segments[index] ?? '');
    else if (part.startsWith('*')) fields[part.slice(1)] = decode(segments.slice(index).join('/'));
  }
  return fields;
}

function decode(encoded: string): string {
  // An encoded slash would be one segment to the router and two to us.
  if (/%2f/i.test(encoded)) throw new FleetError('PATH_INVALID', 'The path has an encoded slash.');
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new FleetError('PATH_INVALID', 'The path has a broken percent escape.', { cause });
  }
}

/** Throws INPUT_INVALID with every problem and its place. */
function parseInput(schema: z.ZodType, raw: unknown): unknown {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, LISTED_ISSUES).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
  });
  throw new FleetError('INPUT_INVALID', problems.join('; '));
}

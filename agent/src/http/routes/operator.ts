import type Router from '@koa/router';
import {
  OPERATOR_API,
  type OperatorHandlers,
  type OperatorMethod,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { API_ROOT, pathFields, readInput, takesBody } from '@imagefleet/shared/common/operator/operator-route.ts';
import type { Access } from '../access.ts';
import { readJsonObject } from '../json-body.ts';

export interface OperatorRoutesDeps {
  readonly access: Access;
  readonly handlers: Partial<OperatorHandlers>;
}

/** One route per row of the OperatorApi table that has a handler; nothing about a call is written down a second time. */
export function operatorRoutes(router: Router, deps: OperatorRoutesDeps): void {
  const rows = Object.entries(OPERATOR_API) as [keyof OperatorHandlers, OperatorMethod][];
  // Fixed paths first: /images/lookup must not be taken for an image of that name.
  const ordered = rows.sort(([, a], [, b]) => Number(hasFields(a)) - Number(hasFields(b)));
  for (const [name, method] of ordered) {
    // The row's schema has parsed the input, which is all that ties a name to its handler's parameter.
    const handler = deps.handlers[name] as ((input: unknown) => Promise<unknown>) | undefined;
    if (handler === undefined) continue;
    router.register(API_ROOT + method.path, [method.http], async (ctx) => {
      deps.access.admit(ctx, method.role);
      const fields = pathFields(name, ctx.path);
      const sent = takesBody(method) ? { body: await readJsonObject(ctx.req) } : { query: ctx.query };
      const answer = await handler(readInput(name, { fields, ...sent }));
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

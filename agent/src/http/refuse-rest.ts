import type Router from '@koa/router';
import type { Middleware } from 'koa';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** What no route has answered: NOT_FOUND, or METHOD_NOT_ALLOWED with the methods that the address takes. */
export function refuseRest(router: Router): Middleware {
  return (ctx) => {
    const { path } = router.match(ctx.path, ctx.method);
    if (path.length === 0) throw new FleetError('NOT_FOUND', 'Nothing is at this address.');
    const methods = [...new Set(path.flatMap((layer) => layer.methods))].sort();
    ctx.set('Allow', methods.join(', '));
    throw new FleetError('METHOD_NOT_ALLOWED', `This address takes ${methods.join(', ')}.`);
  };
}

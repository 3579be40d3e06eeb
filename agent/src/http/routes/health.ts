import type Router from '@koa/router';

export interface HealthDeps {
  /** Why this server takes no uploads now; undefined when it does. */
  readonly notReady: () => Promise<string | undefined>;
}

/** /health/live: the process runs. /health/ready: it takes uploads, whatever its peers do. */
export function healthRoutes(router: Router, deps: HealthDeps): void {
  router.get('/health/live', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { live: true };
  });
  router.get('/health/ready', async (ctx) => {
    const reason = await deps.notReady();
    ctx.set('Cache-Control', 'no-store');
    ctx.status = reason === undefined ? 200 : 503;
    ctx.body = reason === undefined ? { ready: true } : { ready: false, reason };
  });
}

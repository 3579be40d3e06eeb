import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { MonitorMetrics } from '#services/monitor-metrics.ts';
import { refuseStrangers } from './access.ts';
import type { Gatekeeper } from './auth.ts';
import { errorExit } from './error-exit.ts';
import { refuseRest } from './refuse-rest.ts';
import { eventRoutes, type EventRoutesDeps } from './routes/events.ts';
import { healthRoutes, type HealthDeps } from './routes/health.ts';
import { operatorRoutes, type OperatorRoutesDeps } from './routes/operator.ts';

export interface MonitorAppDeps extends OperatorRoutesDeps, EventRoutesDeps, HealthDeps {
  readonly gatekeeper: Gatekeeper;
  readonly metrics: MonitorMetrics;
  readonly logger: Logger;
  /** Name of this monitor and version of the program, shown at `/`. */
  readonly about: { readonly name: string; readonly version: string };
}

/** The HTTP face of a monitor without an agent: of API v1 what its handlers answer, the rest is not found. */
export function createMonitorApp(deps: MonitorAppDeps): Koa {
  const app = new Koa();
  app.silent = true;
  app.on('error', (error: unknown) => {
    deps.logger.debug('http.answerBroke', { error });
  });
  app.use(
    errorExit({
      logger: deps.logger,
      onRefused: (code) => {
        deps.metrics.refused(code);
      },
    }),
  );
  app.use(refuseStrangers(deps.gatekeeper));
  const router = new Router();
  router.get('/', (ctx) => {
    ctx.body = { program: 'imagefleet monitor', ...deps.about, api: '/api/v1', health: '/health/ready' };
  });
  router.get('/metrics', async (ctx) => {
    const { type, body } = await deps.metrics.render();
    ctx.body = body;
    ctx.set('Content-Type', type);
  });
  healthRoutes(router, deps);
  eventRoutes(router, deps);
  operatorRoutes(router, deps);
  app.use(router.routes());
  app.use(refuseRest(router));
  return app;
}

import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { DrainLimits } from '@imagefleet/shared/node/request-drain.ts';
import type { Metrics } from '#services/metrics.ts';
import { refuseStrangers } from './access.ts';
import { errorExit } from './error-exit.ts';
import { refuseRest } from './refuse-rest.ts';
import { consoleRoutes, CONSOLE_PATH, type ConsoleRoutesDeps } from './routes/console.ts';
import { eventRoutes, type EventRoutesDeps } from './routes/events.ts';
import { healthRoutes, type HealthDeps } from './routes/health.ts';
import { imageRoutes, type ImageRoutesDeps } from './routes/images.ts';
import { legacyRoute, type LegacyDeps } from './routes/legacy.ts';
import { operatorRoutes, type OperatorRoutesDeps } from './routes/operator.ts';
import { peerRoute, type PeerEndpoint } from './routes/peer.ts';
import { sessionRoutes, type SessionRoutesDeps } from './routes/session.ts';
import { serveImage, type ServeImageDeps } from './serve-image.ts';

export interface AppDeps
  extends
    LegacyDeps,
    ImageRoutesDeps,
    OperatorRoutesDeps,
    EventRoutesDeps,
    HealthDeps,
    ConsoleRoutesDeps,
    SessionRoutesDeps {
  /** All of them: an agent answers every call of the table. */
  readonly handlers: OperatorHandlers;
  readonly findCopy: ServeImageDeps['findCopy'];
  readonly metrics: Metrics;
  readonly peerEndpoint: PeerEndpoint;
  readonly logger: Logger;
  /** Milliseconds that only ever grow; for durations. */
  readonly monotonic: () => number;
  /** Name of this server and version of the program, shown at `/`. */
  readonly about: { readonly name: string; readonly version: string };
  readonly drainLimits?: DrainLimits;
}

/** The whole HTTP face of an agent; start it with HttpServer. */
export function createApp(deps: AppDeps): Koa {
  const app = new Koa();
  app.silent = true;
  app.on('error', (error: unknown) => {
    // Only what breaks while a body is already on its way comes here, such as a client that goes away.
    deps.logger.debug('http.answerBroke', { error });
  });
  const onRefused = (code: string): void => {
    deps.metrics.refused(code);
  };
  const { logger, drainLimits } = deps;
  app.use(peerRoute(deps.peerEndpoint));
  app.use(measure(deps));
  app.use(errorExit({ logger, onRefused, ...(drainLimits && { drainLimits }) }));
  // Before the router: images are most of all requests, and their paths are nobody else's.
  app.use(
    serveImage({
      findCopy: deps.findCopy,
      onServed: (sizeBytes) => {
        deps.metrics.imageServed(sizeBytes);
      },
    }),
  );
  app.use(refuseStrangers(deps.gatekeeper, deps.server.publicUrl));
  app.use(legacyRoute(deps));
  const router = createRouter(deps);
  app.use(router.routes());
  app.use(refuseRest(router));
  return app;
}

function createRouter(deps: AppDeps): Router {
  const router = new Router();
  router.get('/', (ctx) => {
    ctx.vary('Accept');
    // A browser names html; programs that take anything get what they always got.
    if (ctx.accepts('json', 'html') === 'html') ctx.redirect(CONSOLE_PATH);
    else ctx.body = { program: 'imagefleet', ...deps.about, api: '/api/v1', health: '/health/ready' };
  });
  router.get('/metrics', async (ctx) => {
    const { type, body } = await deps.metrics.render();
    ctx.body = body;
    ctx.set('Content-Type', type);
  });
  healthRoutes(router, deps);
  eventRoutes(router, deps);
  imageRoutes(router, deps);
  operatorRoutes(router, deps);
  sessionRoutes(router, deps);
  consoleRoutes(router, deps);
  return router;
}

function measure({ metrics, monotonic, logger }: AppDeps): Middleware {
  return async (ctx, next) => {
    const startedAt = monotonic();
    await next();
    const tookMs = monotonic() - startedAt;
    // Without the query: the old address carries its key there.
    logger.debug('http.answered', { method: ctx.method, path: ctx.path, status: ctx.status, tookMs });
    metrics.answered(callOf(ctx.method, ctx.path), ctx.status, tookMs / 1000);
  };
}

/** Few fixed names, because every label value costs memory for ever. */
function callOf(method: string, path: string): string {
  const first = /^\/(api\/v1\/[a-z-]+|health|metrics|console|do\.ashx)(?:\/|$)/i.exec(path)?.[1]?.toLowerCase();
  const isKnown = first === undefined || !first.startsWith('api') || KNOWN_API.has(first.slice('api/v1/'.length));
  const verb = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].includes(method) ? method : 'other';
  return `${verb} ${isKnown ? (first ?? 'image') : 'unknown'}`;
}

const KNOWN_API = new Set(['images', 'servers', 'deliveries', 'failure-log', 'events', 'verify', 'proof', 'session']);

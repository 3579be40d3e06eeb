import type { Context, Middleware } from 'koa';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { drain, DRAIN_LIMITS, LINGER_LIMITS, type DrainLimits } from '@imagefleet/shared/node/request-drain.ts';

export interface ErrorExitDeps {
  readonly logger: Logger;
  /** Told of every refusal; for the metrics. */
  readonly onRefused: (code: string) => void;
  readonly drainLimits?: DrainLimits;
}

/** How a refusal is written; routes with another form set it as `ctx.state.writeError`. */
export type ErrorWriter = (error: FleetError) => { readonly type: string; readonly body: string };

const RETRY_AFTER_S = '2';
/** Kept of what a route has set before it failed. */
const KEPT_HEADERS = ['allow', 'content-range', 'retry-after'];

/** The one error exit of HTTP: a FleetError becomes its status, code, sentence and hint; all else INTERNAL, told to the log alone. */
export function errorExit(deps: ErrorExitDeps): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error =
        thrown instanceof FleetError
          ? thrown
          : new FleetError('INTERNAL', 'Something went wrong inside.', { cause: thrown });
      deps.onRefused(error.code);
      report(deps.logger, ctx, error);
      await answer(ctx, error, deps.drainLimits ?? DRAIN_LIMITS);
    }
  };
}

function report(logger: Logger, ctx: Context, error: FleetError): void {
  const fields = { code: error.code, message: error.message, method: ctx.method, path: ctx.path, status: error.status };
  if (error.status < 500) logger.debug('http.refused', fields);
  else if (error.isRetryable) logger.warn('http.failed', { ...fields, error: error.cause });
  else logger.error('http.failed', { ...fields, error: error.cause ?? error });
}

async function answer(ctx: Context, error: FleetError, limits: DrainLimits): Promise<void> {
  const isWhole = await drain(ctx.req, limits);
  if (ctx.headerSent || ctx.res.destroyed) {
    ctx.res.destroy();
    return;
  }
  const { type, body } = ((ctx.state['writeError'] as ErrorWriter | undefined) ?? writeJson)(error);
  const kept = KEPT_HEADERS.filter((name) => ctx.res.hasHeader(name)).map(
    (name) => [name, ctx.response.get(name)] as const,
  );
  for (const name of ctx.res.getHeaderNames()) ctx.remove(name);
  ctx.set(Object.fromEntries(kept));
  ctx.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  if (isBusy(error) && !ctx.res.hasHeader('Retry-After')) ctx.set('Retry-After', RETRY_AFTER_S);
  ctx.status = error.status;
  ctx.set('Content-Type', type);
  if (isWhole) {
    ctx.body = body;
    ctx.set('Content-Type', type);
    return;
  }
  await answerAndCut(ctx, body);
}

function isBusy(error: FleetError): boolean {
  return error.isRetryable && (error.status === 429 || error.status === 503);
}

/** The body is longer than we drain: the whole answer goes out, then a while more is thrown away, then the connection ends. */
async function answerAndCut(ctx: Context, body: string): Promise<void> {
  ctx.respond = false;
  const { req, res } = ctx;
  res.statusCode = ctx.status;
  res.setHeader('Connection', 'close');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.write(body);
  await drain(req, LINGER_LIMITS);
  res.end();
  res.once('close', () => req.destroy());
}

function writeJson(error: FleetError): { type: string; body: string } {
  return { type: 'application/json; charset=utf-8', body: JSON.stringify(error.toBody()) };
}

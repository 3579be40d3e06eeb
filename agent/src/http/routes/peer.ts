import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';

/** The peer protocol's receiver. It reads and answers raw: batches are streams, and their form is not HTTP API v1's. */
export interface PeerEndpoint {
  /** Answers by itself, also its own failures. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Hands /peer/v1/* over before anything of this server has touched the request. */
export function peerRoute(endpoint: PeerEndpoint): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/peer/v1/')) {
      await next();
      return;
    }
    ctx.respond = false;
    await endpoint.handle(ctx.req, ctx.res);
  };
}

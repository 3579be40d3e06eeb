import { PassThrough } from 'node:stream';
import type Router from '@koa/router';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { EventHub, FleetEvent } from '#services/event-hub.ts';
import { bearerKey, type Gatekeeper } from '../auth.ts';

export interface EventRoutesDeps {
  readonly gatekeeper: Gatekeeper;
  readonly events: EventHub;
}

/** More often than proxies and our own idle timeout cut a silent connection. */
const HEARTBEAT_MS = 15_000;
const MAX_UNSENT_BYTES = 256 * 1024;

/** GET /api/v1/events: server-sent events (WHATWG HTML, 9.2), resumable by Last-Event-ID. */
export function eventRoutes(router: Router, { gatekeeper, events }: EventRoutesDeps): void {
  router.get('/api/v1/events', (ctx) => {
    gatekeeper.admit(bearerKey(ctx.get('Authorization')), 'read');
    if (events.isFull)
      throw new FleetError('RATE_LIMITED', 'Too many listeners hear the events of this server already.');
    const stream = new PassThrough();
    const write = (text: string): void => {
      // A listener that does not read is cut off; it comes back with its last id and gets what it missed.
      if (stream.writableLength > MAX_UNSENT_BYTES) stream.destroy();
      else stream.write(text);
    };
    const lastEventId = ctx.get('Last-Event-ID');
    const unsubscribe = events.subscribe({
      send: (event) => {
        write(encode(event));
      },
      end: () => stream.end(),
      ...(lastEventId !== '' && { lastEventId }),
    });
    const heartbeat = setInterval(write, HEARTBEAT_MS, ': still here\n\n');
    const end = (): void => {
      clearInterval(heartbeat);
      unsubscribe();
    };
    stream.once('close', end);
    ctx.res.once('close', () => {
      end();
      stream.destroy();
    });
    ctx.status = 200;
    ctx.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    ctx.body = stream;
    ctx.set('Content-Type', 'text/event-stream; charset=utf-8');
    write('retry: 2000\n\n');
  });
}

function encode({ id, kind, key, at, data }: FleetEvent): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ key, at, ...data })}\n\n`;
}

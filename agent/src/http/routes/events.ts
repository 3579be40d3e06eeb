import { PassThrough } from 'node:stream';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { EventHub, FleetEvent } from '#services/event-hub.ts';
import type { Access } from '../access.ts';

export interface EventRoutesDeps {
  readonly access: Access;
  readonly events: EventHub;
}

/** More often than proxies and our own idle timeout cut a silent connection. */
const HEARTBEAT_MS = 15_000;
const MAX_UNSENT_BYTES = 256 * 1024;

/** GET /api/v1/events: server-sent events (WHATWG HTML, 9.2), resumable by Last-Event-ID. */
export function eventRoutes(router: Router, { access, events }: EventRoutesDeps): void {
  router.get('/api/v1/events', (ctx) => {
    access.admit(ctx, 'read');
    if (events.isFull)
      throw new FleetError('RATE_LIMITED', 'Too many listeners hear the events of this server already.');
    const stream = new PassThrough();
    const write = (text: string): void => {
      // The stream outlives its request by hours: it ends with the session that opened it.
      if (!isStillAdmitted(access, ctx)) {
        stream.end();
        return;
      }
      // A listener that does not read is cut off; it comes back with its last id and gets what it missed.
      if (stream.writableLength > MAX_UNSENT_BYTES) stream.destroy();
      else stream.write(text);
    };
    const lastEventId = ctx.get('Last-Event-ID');
    const unsubscribe = events.subscribe({
      send: (event, isAhead) => {
        write(encode(event, isAhead));
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

function isStillAdmitted(access: Access, ctx: Context): boolean {
  try {
    access.admit(ctx, 'read');
    return true;
  } catch {
    return false;
  }
}

function encode({ id, kind, key, at, data }: FleetEvent, isAhead: boolean): string {
  return `${isAhead ? '' : `id: ${id}\n`}event: ${kind}\ndata: ${JSON.stringify({ key, at, ...data })}\n\n`;
}

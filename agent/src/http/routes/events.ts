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

/**
 * More often than proxies and our own idle timeout cut a silent connection. An event and no comment, because a page never
 * sees comments: by it a listener knows a stream that died without a word from one on which nothing happens.
 */
const HEARTBEAT_MS = 15_000;
const PING = `event: ping\ndata: ${JSON.stringify({ everyMs: HEARTBEAT_MS })}\n\n`;
const MAX_UNSENT_BYTES = 256 * 1024;

/**
 * GET /api/v1/events: server-sent events (WHATWG HTML, 9.2), resumable by Last-Event-ID, or by `lastEventId` in the query: a
 * page that begins a new stream can set no header.
 */
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
    const lastEventId = lastEventIdOf(ctx);
    const unsubscribe = events.subscribe({
      send: (event, isAhead) => {
        write(encode(event, isAhead));
      },
      end: () => stream.end(),
      ...(lastEventId !== '' && { lastEventId }),
    });
    const heartbeat = setInterval(write, HEARTBEAT_MS, PING);
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
    write(`retry: 2000\n\n${PING}`);
  });
}

/** The header is the newer one: a browser that comes back by itself repeats the address with which it began. */
function lastEventIdOf(ctx: Context): string {
  const { lastEventId } = ctx.query;
  return ctx.get('Last-Event-ID') || (typeof lastEventId === 'string' ? lastEventId : '');
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

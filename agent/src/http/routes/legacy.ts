import type { Context, Middleware } from 'koa';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Ingest } from '#services/ingest.ts';
import type { Gatekeeper } from '../auth.ts';
import { clientGone } from '../client-gone.ts';
import type { ErrorWriter } from '../error-exit.ts';
import { parseLegacyFormat, refusalAnswer, replayAnswer, uploadAnswer, type LegacyAnswer } from '../legacy-answer.ts';
import type { UploadReception } from '../upload-reception.ts';

export interface LegacyDeps {
  readonly gatekeeper: Gatekeeper;
  readonly reception: UploadReception;
  readonly ingest: Pick<Ingest, 'store'>;
  readonly link: (path: string) => string;
  readonly replayNow: (signal: AbortSignal) => Promise<{ replayed: number; remaining: number }>;
}

/** do.ashx, the address of the old upload program: `action=upload` and `action=uploaderrors`. */
export function legacyRoute(deps: LegacyDeps): Middleware {
  return async (ctx, next) => {
    if (!/^\/do\.ashx\/?$/i.test(ctx.path)) {
      await next();
      return;
    }
    const parameter = readQuery(ctx.querystring);
    // Until the format is known, also when it is unknown, the answer is in the default form.
    ctx.state['writeError'] = ((error) => refusalAnswer('xml', error)) satisfies ErrorWriter;
    const format = parseLegacyFormat(parameter('format'));
    ctx.state['writeError'] = ((error) => refusalAnswer(format, error)) satisfies ErrorWriter;
    const action = parameter('action')?.toLowerCase();
    if (action === 'upload') {
      deps.gatekeeper.admit(parameter('securitykey'), 'upload');
      requireMethod(ctx, ['POST']);
      send(ctx, uploadAnswer(format, await storeAll(deps, ctx)));
    } else if (action === 'uploaderrors') {
      deps.gatekeeper.admit(parameter('securitykey'), 'operator');
      requireMethod(ctx, ['GET', 'POST']);
      send(ctx, replayAnswer(format, await deps.replayNow(clientGone(ctx.res))));
    } else {
      throw new FleetError(
        'ACTION_UNKNOWN',
        action === undefined ? 'The request names no action.' : 'The action is unknown.',
      );
    }
  };
}

async function storeAll(deps: LegacyDeps, ctx: Context): Promise<string[]> {
  return deps.reception.receive(ctx, { refuse: 'all' }, async (files) => {
    const received = files.map((file) => {
      if ('error' in file) throw file.error;
      return file.received;
    });
    return (await deps.ingest.store(received)).map((outcome) => {
      if ('error' in outcome) throw outcome.error;
      return deps.link(outcome.record.path);
    });
  });
}

/** ASP.NET reads parameter names in any case. The first of several values counts. */
function readQuery(querystring: string): (name: string) => string | undefined {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(querystring)) {
    if (!values.has(name.toLowerCase())) values.set(name.toLowerCase(), value);
  }
  return (name) => values.get(name);
}

function requireMethod(ctx: Context, methods: readonly string[]): void {
  if (methods.includes(ctx.method)) return;
  ctx.set('Allow', methods.join(', '));
  throw new FleetError('METHOD_NOT_ALLOWED', `This action takes ${methods.join(' and ')}.`);
}

function send(ctx: Context, answer: LegacyAnswer): void {
  ctx.status = 200;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = answer.body;
  ctx.set('Content-Type', answer.type);
}

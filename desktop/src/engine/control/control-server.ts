import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { callEngine } from '#engine/api/call-engine.ts';
import type { EngineHandlers } from '#engine/api/call-engine.ts';
import { isEngineMethod } from '#bridge/engine-api.ts';

/** A thousand long paths fit in. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const OWNER_ONLY = 0o600;

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Answers calls of ENGINE_API from other processes of the same user, as `POST /<method>` with its input as JSON. Whoever
 * calls it has the queue open, so a socket that lies there is one of a process that is gone. Errors: IO_FAILED.
 */
export async function serveControl(address: string, handlers: EngineHandlers): Promise<ControlServer> {
  const server = createServer((request, response) => void answer(request, response, handlers));
  try {
    if (process.platform !== 'win32') await rm(address, { force: true });
    server.listen(address);
    await once(server, 'listening');
    if (process.platform !== 'win32') await chmod(address, OWNER_ONLY);
  } catch (error) {
    throw new FleetError('IO_FAILED', `the engine cannot be reached at ${address}`, { cause: error });
  }
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, handlers: EngineHandlers): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const name = (request.url ?? '').slice(1);
    if (request.method !== 'POST' || !isEngineMethod(name)) {
      throw new FleetError('NOT_FOUND', `the engine has no call ${name}`);
    }
    tell(response, 200, await callEngine(handlers, name, { input: await bodyOf(request), signal: gone.signal }));
  } catch (error) {
    const known = error instanceof FleetError ? error : new FleetError('INTERNAL', String(error), { cause: error });
    const { code, message, hint, status } = known;
    tell(response, status, { code, message, hint });
  }
}

function tell(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw new FleetError('INPUT_INVALID', 'the call is too long');
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new FleetError('INPUT_INVALID', 'the call is no JSON', { cause: error });
  }
}

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { LiveListener } from '@imagefleet/shared/common/operator/live-events.ts';
import {
  OPERATOR_API,
  ROLES,
  type OperatorClient,
  type OperatorMethodName,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { API_ROOT, pathFields, readInput, takesBody } from '@imagefleet/shared/common/operator/operator-route.ts';
import { SESSION_PATH, type SessionInfo } from '@imagefleet/shared/common/operator/session-schemas.ts';
import { answerJson, readBody } from '@imagefleet/shared/testing/stub-server.ts';

const CONSOLE = join(import.meta.dirname, '../../dist/console');
const PING = `event: ping\ndata: ${JSON.stringify({ everyMs: 15_000 })}\n\n`;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface GatewayEngine {
  readonly api: OperatorClient;
  listen(listener: LiveListener): () => void;
  /** Start of the address of an agent that has images. */
  imageServer(): string;
}

/** What the desktop app will be to the console's pages: the built console, and behind its calls the engine in place of an agent. */
export class EngineGateway {
  readonly #engine: GatewayEngine;
  readonly #server: Server;
  url = '';

  private constructor(engine: GatewayEngine) {
    this.#engine = engine;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => refuse(response, error));
    });
  }

  static async start(engine: GatewayEngine): Promise<EngineGateway> {
    const gateway = new EngineGateway(engine);
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    const address = gateway.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
    gateway.url = `http://127.0.0.1:${String(address.port)}`;
    return gateway;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/console') return sendFile(response, 'index.html');
    if (pathname.startsWith('/console/assets/')) return sendFile(response, pathname.slice('/console/'.length));
    if (pathname === API_ROOT + SESSION_PATH) return answerJson(response, 200, SESSION);
    if (pathname === `${API_ROOT}/events`) return this.#stream(response);
    if (!pathname.startsWith(API_ROOT)) return this.#sendImage(response, pathname);
    const name = findCall(request.method ?? '', pathname);
    if (name === undefined) throw new FleetError('NOT_FOUND', `the table has no ${pathname}`);
    const method = OPERATOR_API[name];
    const fields = pathFields(name, pathname);
    const sent = takesBody(method)
      ? { body: JSON.parse((await readBody(request)).toString()) as unknown }
      : { query: Object.fromEntries(searchParams) };
    const call = this.#engine.api[name] as (input: unknown) => Promise<unknown>;
    answerJson(response, method.status, await call(readInput(name, { fields, ...sent })));
  }

  /** While the engine hears nothing, neither does the page: its stream ends and comes back. */
  #stream(response: ServerResponse): void {
    const end = this.#engine.listen({
      onState: (state) => {
        if (state === 'lost' && response.headersSent) response.end();
        else if (state === 'lost') response.writeHead(503).end();
        else if (!response.headersSent) {
          response.writeHead(200, { 'Content-Type': 'text/event-stream' });
          response.write(`retry: 500\n\n${PING}`);
        }
      },
      onEvent: ({ kind, data }) => void response.write(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`),
    });
    response.once('close', end);
  }

  async #sendImage(response: ServerResponse, pathname: string): Promise<void> {
    const image = await fetch(this.#engine.imageServer() + pathname);
    const type = image.headers.get('content-type') ?? 'application/octet-stream';
    response.writeHead(image.status, { 'Content-Type': type }).end(Buffer.from(await image.arrayBuffer()));
  }
}

const SESSION: SessionInfo = { server: 'desktop', keyName: null, roles: [...ROLES], expiresAt: null, servers: [] };

/** The row of the table for a path; paths without fields go before those with. */
function findCall(http: string, path: string): OperatorMethodName | undefined {
  const names = (Object.keys(OPERATOR_API) as OperatorMethodName[]).filter((name) => OPERATOR_API[name].http === http);
  const matches = names.filter((name) => patternOf(OPERATOR_API[name].path).test(path.slice(API_ROOT.length)));
  return matches.find((name) => !/[:*]/.test(OPERATOR_API[name].path)) ?? matches[0];
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replace(/\*\w+/g, '.+')}$`);
}

async function sendFile(response: ServerResponse, name: string): Promise<void> {
  const bytes = await readFile(join(CONSOLE, name));
  response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(bytes);
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const failure = error instanceof FleetError ? error : new FleetError('INTERNAL', String(error));
  answerJson(response, failure.status, failure.toBody());
}

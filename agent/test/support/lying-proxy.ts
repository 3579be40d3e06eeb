import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** One request and its answer on their way through the proxy. */
export interface Exchange {
  /** `/peer/v1/batch` and so on. */
  readonly url: string;
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes of the request and of the answer, heads included, that came before the chunk at hand. */
  readonly requestBytes: number;
  readonly answerBytes: number;
}

/** What is passed on in place of a chunk; null: nothing. */
export type Tamper = (chunk: Buffer, exchange: Exchange) => Buffer | null;

export interface Lie {
  readonly request?: Tamper;
  readonly answer?: Tamper;
}

const HONEST: Lie = {};
/** Programs write the head of a request as the beginning of a chunk. */
const REQUEST_HEAD = /^(?:GET|POST) (\/\S*) HTTP\/1\.1\r\n/;

/** A TCP proxy on loopback in front of one server, which is honest until it is told how to lie. */
export class LyingProxy {
  lie: Lie = HONEST;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#join(client, connect(targetPort, '127.0.0.1')));
  }

  static async start(targetUrl: string): Promise<LyingProxy> {
    const proxy = new LyingProxy(Number(new URL(targetUrl).port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  beHonest(): void {
    this.lie = HONEST;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    let exchange = { url: '', client, server, requestBytes: 0, answerBytes: 0 };
    client.on('data', (chunk: Buffer) => {
      const url = REQUEST_HEAD.exec(chunk.toString('latin1', 0, 200))?.[1];
      if (url !== undefined) exchange = { url, client, server, requestBytes: 0, answerBytes: 0 };
      const passed = this.lie.request === undefined ? chunk : this.lie.request(chunk, exchange);
      exchange.requestBytes += chunk.length;
      if (passed !== null) server.write(passed);
    });
    server.on('data', (chunk: Buffer) => {
      const passed = this.lie.answer === undefined ? chunk : this.lie.answer(chunk, exchange);
      exchange.answerBytes += chunk.length;
      if (passed !== null) client.write(passed);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      // A connection that breaks is a lie, or the end of one: the other side learns of it by its own end.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}

/** The lie told about batches alone: probes and questions pass. */
export function ofBatches({ request, answer }: Lie): Lie {
  const only = (tamper: Tamper | undefined): Tamper => {
    return (chunk, exchange) =>
      tamper === undefined || exchange.url !== '/peer/v1/batch' ? chunk : tamper(chunk, exchange);
  };
  return { request: only(request), answer: only(answer) };
}

/** Flips one bit of the byte at `offset`, where that lies in the chunk. */
export function flipped(chunk: Buffer, offset: number): Buffer {
  const copy = Buffer.from(chunk);
  if (offset >= 0 && offset < copy.length) copy.writeUInt8(copy.readUInt8(offset) ^ 1, offset);
  return copy;
}

import { connect } from 'node:net';

export interface RawRequest {
  /** Request line and headers, without Host and without the empty line. */
  readonly head: string;
  readonly body?: Uint8Array;
}

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * A client of the old kind: it writes its whole request before it reads a single byte, and a connection that breaks
 * while it writes is an error.
 */
export function rawRequest(port: number, request: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').pause();
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('end', () => {
      const [head = '', ...rest] = answer.split('\r\n\r\n');
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: rest.join('\r\n\r\n') });
    });
    socket.write(`${request.head}\r\nHost: test\r\nConnection: close\r\n\r\n`);
    socket.write(request.body ?? new Uint8Array(), () => {
      socket.resume();
    });
  });
}

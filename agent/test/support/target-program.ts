import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Servers for a monitor to watch, as one program: listens on ports at an address and obeys lines on standard input,
 * `close PORT` and `open PORT`, each answered by the same line when it is done. Arguments: tcp or http, address, ports.
 */
const [kind = 'tcp', address = '127.0.0.1', ...ports] = process.argv.slice(2);
const servers = new Map<string, Server>();

function open(port: string): Promise<void> {
  const server =
    kind === 'http'
      ? createHttpServer((_, response) => response.end('fine'))
      : createServer((socket) => {
          // A monitor that leaves by a reset is no failure of ours.
          socket.on('error', () => undefined).resume();
        });
  servers.set(port, server);
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(Number(port), address, resolve);
  });
}

function close(port: string): Promise<void> {
  const server = servers.get(port);
  servers.delete(port);
  return new Promise((resolve) => {
    if (server === undefined) resolve();
    // Connections that a probe has open end by themselves; the port refuses from now on.
    else {
      server.close();
      resolve();
    }
  });
}

await Promise.all(ports.map(open));
process.stdout.write('ready\n');
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [verb, port = ''] = line.split(' ');
    void (verb === 'close' ? close(port) : open(port)).then(() => process.stdout.write(`${line}\n`));
  })
  .on('close', () => process.exit(0));

import { createServer, type Socket } from 'node:net';
import { parseArgs } from 'node:util';

/**
 * A small server that keeps sessions in memory, for the examples; what ASP.NET's state server is to its applications.
 * A request is one line of JSON: { id }, or { id, value } to keep a value; so is the answer: { value }, null where there
 * is none. One request a connection.
 */

const MAX_REQUEST_CHARACTERS = 100_000;
const MAX_SESSIONS = 100_000;
const IDLE_MS = 5000;

const sessions = new Map<string, unknown>();

function answer(line: string): unknown {
  const { id, value } = JSON.parse(line) as { readonly id: string; readonly value?: unknown };
  if (value === undefined) return sessions.get(id) ?? null;
  // The session that was not written for longest makes room.
  sessions.delete(id);
  if (sessions.size >= MAX_SESSIONS) sessions.delete(sessions.keys().next().value ?? id);
  sessions.set(id, value);
  return value;
}

function serve(socket: Socket): void {
  let request = '';
  socket.setEncoding('utf8').setTimeout(IDLE_MS, () => socket.destroy());
  // A client that went away needs no answer.
  socket.on('error', () => socket.destroy());
  socket.on('data', (text: string) => {
    request += text;
    if (request.length > MAX_REQUEST_CHARACTERS) socket.destroy();
    if (!request.includes('\n')) return;
    try {
      socket.end(`${JSON.stringify({ value: answer(request) })}\n`);
    } catch {
      socket.destroy();
    }
  });
}

const { values } = parseArgs({ options: { port: { type: 'string', default: '42424' } } });
const server = createServer(serve).listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address();
  console.log(`state server on 127.0.0.1:${String(typeof address === 'object' ? address?.port : address)}`);
});

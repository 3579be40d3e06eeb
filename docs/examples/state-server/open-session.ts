import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Fleet, FleetServer } from 'imagefleet/resolver';

/** What an application keeps of a visitor. */
export interface Session {
  visits: number;
}

/** A session where it is kept: `save` writes it back there. */
export interface OpenSession {
  readonly id: string;
  readonly session: Session;
  readonly server: FleetServer;
  save(): Promise<void>;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz012345';
const ID_PATTERN = /^[a-z0-5]{24}$/;
const ANSWER_MS = 1000;
const MAX_ANSWER_CHARACTERS = 100_000;

/**
 * Opens the session of a cookie, or a new one. Asks the key's servers in their order, so that a request also gets through
 * in the seconds before the monitor has written that a server is down. Undefined when nobody answers.
 */
export async function openSession(fleet: Fleet, cookie: string | undefined): Promise<OpenSession | undefined> {
  const id = cookie !== undefined && ID_PATTERN.test(cookie) ? cookie : newId();
  for (const server of fleet.resolve(id)) {
    const found = await ask(server, { id }).catch(() => undefined);
    if (found === undefined) continue;
    const session = (found.value as Session | null) ?? { visits: 0 };
    const save = async (): Promise<void> => {
      await ask(server, { id, value: session });
    };
    return { id, session, server, save };
  }
  return undefined;
}

/** In the form of ASP.NET's own: 24 characters of 32. */
function newId(): string {
  return Array.from(randomBytes(24), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}

function ask(server: FleetServer, request: object): Promise<{ readonly value: unknown }> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host: server.host, port: server.port, signal: AbortSignal.timeout(ANSWER_MS) });
    socket.setEncoding('utf8').on('error', reject);
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > MAX_ANSWER_CHARACTERS) socket.destroy(new Error('the answer is too long'));
    });
    socket.on('close', () => {
      try {
        resolve(JSON.parse(answer) as { readonly value: unknown });
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

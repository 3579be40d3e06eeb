import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './support/agent-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'docs/examples');
/** So many that they are not all on one server but once in 500,000,000 runs. */
const VISITORS = 30;

interface Visit {
  readonly visits: number;
  readonly keptOn: string;
  readonly process: number;
}

/** What of Express the example uses. The package itself is no dependency of ours: the example installs it. */
const EXPRESS_DOUBLE = `
import { createServer } from 'node:http';
export default function express() {
  const steps = [];
  const serve = async (request, response) => {
    response.status = (code) => ((response.statusCode = code), response);
    response.send = (text) => response.end(text);
    response.json = (body) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
    const run = (index) => steps[index](request, response, () => run(index + 1));
    await run(0);
  };
  return {
    use: (step) => steps.push(step),
    get: (_path, step) => steps.push(step),
    listen: (port, host, done) => createServer(serve).listen(port, host, done),
  };
}
`;

describe('the examples of sessions on state servers', () => {
  let dir: string;
  let children: ChildProcess[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-examples-'));
    children = [];
  });

  afterEach(async () => {
    for (const child of children) await end(child);
    await rm(dir, { recursive: true, force: true });
  });

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Starts a program and waits for the line that tells its address. */
  async function start(file: string, args: readonly string[]): Promise<{ child: ChildProcess; address: string }> {
    const child = spawn(process.execPath, [file, ...args, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (address === undefined) continue;
      child.stdout.resume();
      return { child, address };
    }
    throw new Error(`${file} ended without an address`);
  }

  async function writeStatus(addresses: readonly string[], isOnline: (address: string) => boolean): Promise<void> {
    const servers = addresses.map((address) => {
      const [host = '', port] = address.split(':');
      return { host, port: Number(port), online: isOnline(address), state: 'up', weight: 1 };
    });
    await writeFile(join(dir, 'status.json.tmp'), JSON.stringify({ generation: Date.now(), servers }));
    await rename(join(dir, 'status.json.tmp'), join(dir, 'status.json'));
  }

  async function visit(address: string, cookie?: string): Promise<{ visit: Visit; cookie: string }> {
    const response = await fetch(`http://${address}/`, { headers: cookie === undefined ? {} : { Cookie: cookie } });
    expect(response.status).toBe(200);
    return {
      visit: (await response.json()) as Visit,
      cookie: response.headers.get('set-cookie')?.split(';')[0] ?? cookie ?? '',
    };
  }

  /** The Express example beside a double of Express, in a folder of its own. */
  async function withExpressDouble(): Promise<string> {
    await cp(EXAMPLES, join(dir, 'examples'), { recursive: true });
    const modules = join(dir, 'examples/node_modules');
    await mkdir(join(modules, 'express'), { recursive: true });
    await writeFile(join(modules, 'express/package.json'), '{ "type": "module", "exports": "./express.js" }');
    await writeFile(join(modules, 'express/express.js'), EXPRESS_DOUBLE);
    await symlink(join(ROOT, 'agent'), join(modules, 'imagefleet'), 'junction');
    return join(dir, 'examples/express-sessions/app.mjs');
  }

  it.each(['koa', 'express'])(
    '%s: when one server goes offline the sessions of the other go on, and so does the program',
    async (kind) => {
      const stateServers = [
        await start(join(EXAMPLES, 'state-server/state-server.ts'), []),
        await start(join(EXAMPLES, 'state-server/state-server.ts'), []),
      ];
      const addresses = stateServers.map(({ address }) => address);
      const [first, second] = stateServers;
      if (first === undefined || second === undefined) throw new Error('two state servers are needed');
      await writeStatus(addresses, () => true);
      const file = kind === 'koa' ? join(EXAMPLES, 'koa-sessions/app.ts') : await withExpressDouble();
      const app = await start(file, ['--status-file', join(dir, 'status.json')]);

      const pid = app.child.pid;
      const visits = (cookies: readonly (string | undefined)[]) =>
        Promise.all(cookies.map((cookie) => visit(app.address, cookie)));
      const opened = await visits(Array.from({ length: VISITORS }, () => undefined));
      const cookies = opened.map(({ cookie }) => cookie);
      const homes = opened.map(({ visit: { keptOn } }) => keptOn);
      expect(new Set(homes)).toEqual(new Set(addresses));
      const orphan = cookies[homes.indexOf(second.address)];
      const orphanIsOn = (address: string) => async () => (await visit(app.address, orphan)).visit.keptOn === address;

      // It goes on running; only the status file says that it is offline.
      await writeStatus(addresses, (address) => address === first.address);
      await eventually('the status file is read again', 15_000, orphanIsOn(first.address));
      const meanwhile = await visits(cookies);
      meanwhile.forEach(({ visit: now }, index) => {
        if (cookies[index] === orphan) return;
        expect(now).toEqual({ visits: homes[index] === first.address ? 2 : 1, keptOn: first.address, process: pid });
      });

      await writeStatus(addresses, () => true);
      await eventually('the status file is read again', 15_000, orphanIsOn(second.address));
      const back = await visits(cookies);
      expect(back.map(({ visit: { keptOn } }) => keptOn)).toEqual(homes);
      back.forEach(({ visit: now }, index) => {
        if (cookies[index] !== orphan) expect(now.visits).toBe(homes[index] === first.address ? 3 : 2);
      });

      // Before the monitor has noticed a death, a request already moves on to the next candidate.
      await end(second.child);
      expect((await visit(app.address, orphan)).visit).toMatchObject({ keptOn: first.address, process: pid });
      await end(first.child);
      expect((await fetch(`http://${app.address}/`)).status).toBe(503);
    },
  );
});

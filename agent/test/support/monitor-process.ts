import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { COMMAND } from './agent-process.ts';

interface Ready {
  readonly event: string;
  readonly url?: string;
}

/** A monitor as its own process, started by the real command with a real configuration file. */
export class MonitorProcess {
  readonly dir: string;
  #child: ChildProcess | undefined;
  #url = '';

  constructor(dir: string) {
    this.dir = dir;
  }

  get url(): string {
    return this.#url;
  }

  async configure(config: object): Promise<void> {
    await mkdir(this.dir, { recursive: true });
    await writeFile(join(this.dir, 'monitor.yaml'), stringify({ listen: '127.0.0.1:0', ...config }));
  }

  /** Returns when it has said that it is ready. `before` stands before the command. */
  async start(before: readonly string[] = []): Promise<void> {
    const config = join(this.dir, 'monitor.yaml');
    const own = [process.execPath, COMMAND, 'monitor', '--json', '--config', config];
    const [file = process.execPath, ...args] = [...before, ...own];
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const log = createWriteStream(join(this.dir, 'monitor.log'), { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#url = await new Promise<string>((resolve, reject) => {
      child.once(
        'exit',
        (code) => void this.log().then((text) => reject(new Error(`ended (${String(code)}): ${text}`))),
      );
      createInterface({ input: child.stdout }).on('line', (line) => {
        const said = JSON.parse(line) as Ready;
        if (said.event === 'monitor.ready' && said.url !== undefined) resolve(said.url);
      });
    });
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  log(): Promise<string> {
    return readFile(join(this.dir, 'monitor.log'), 'utf8');
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const PROGRAM = join(import.meta.dirname, 'target-program.ts');

/** A process with servers for a monitor to watch. */
export class Targets {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #waiting = new Map<string, () => void>();

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines;
    lines.on('line', (line) => this.#waiting.get(line)?.());
  }

  /** `before` stands before the command, such as what makes it run on another host. */
  static async start(options: {
    readonly kind: 'tcp' | 'http';
    readonly address: string;
    readonly ports: readonly number[];
    readonly before?: readonly string[];
  }): Promise<Targets> {
    const own = [process.execPath, PROGRAM, options.kind, options.address, ...options.ports.map(String)];
    const [file = process.execPath, ...args] = [...(options.before ?? []), ...own];
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    return new Targets(child, lines);
  }

  /** From its return on the port refuses. */
  close(port: number): Promise<void> {
    return this.#tell(`close ${String(port)}`);
  }

  open(port: number): Promise<void> {
    return this.#tell(`open ${String(port)}`);
  }

  /** The process does nothing any more; its kernel goes on taking connections. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    this.#lines.close();
  }

  #tell(line: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(line, () => {
        this.#waiting.delete(line);
        resolve();
      });
      this.#child.stdin?.write(`${line}\n`);
    });
  }
}

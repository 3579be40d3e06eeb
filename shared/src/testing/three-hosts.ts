import { execFile, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = join(import.meta.dirname, '../../../scripts/testbed/three-hosts.sh');
const run = promisify(execFile);

/** One of the three hosts. */
export type HostNumber = 1 | 2 | 3;

export const HOST_NUMBERS = [1, 2, 3] as const;

/** Why this machine cannot make three hosts, found out by trying; undefined when it can. */
export function threeHostsObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  const { name, net } = freshPlace();
  try {
    for (const args of [
      ['up', name, net],
      ['cut', name, '1'],
    ]) {
      const { status, stderr, error } = spawnSync(SCRIPT, args, { encoding: 'utf8' });
      if (status !== 0) return error?.message ?? stderr.trim().split('\n')[0] ?? `${SCRIPT} failed`;
    }
    return undefined;
  } finally {
    spawnSync(SCRIPT, ['down', name]);
  }
}

/** Three hosts and the network between them. See scripts/testbed/three-hosts.sh for what a cut means. */
export class ThreeHosts {
  readonly #name: string;
  readonly #net: string;

  private constructor({ name, net }: Place) {
    this.#name = name;
    this.#net = net;
  }

  static async make(): Promise<ThreeHosts> {
    const hosts = new ThreeHosts(freshPlace());
    try {
      await hosts.#run('up', hosts.#net);
    } catch (error) {
      await hosts.remove();
      throw error;
    }
    return hosts;
  }

  addressOf(host: HostNumber): string {
    return `${this.#net}.${String(host)}`;
  }

  /** What stands before a command so that it runs on the host; it becomes the command, with the same process id. */
  on(host: HostNumber): readonly string[] {
    return ['ip', 'netns', 'exec', `${this.#name}-${String(host)}`];
  }

  /** From now on the host and the other two hear nothing of each other. */
  async cut(host: HostNumber): Promise<void> {
    await this.#run('cut', String(host));
  }

  /** From now on what `from` sends to `to` is lost, and nothing else. */
  async drop(from: HostNumber, to: HostNumber): Promise<void> {
    await this.#run('drop', String(from), String(to));
  }

  async heal(): Promise<void> {
    await this.#run('heal');
  }

  /** Ends whatever still runs on the hosts. */
  async remove(): Promise<void> {
    await this.#run('down');
  }

  async #run(verb: string, ...args: readonly string[]): Promise<void> {
    await run(SCRIPT, [verb, this.#name, ...args]);
  }
}

interface Place {
  readonly name: string;
  readonly net: string;
}

/** By chance, so that several tests on one machine have different ones. */
function freshPlace(): Place {
  return {
    name: `if${randomBytes(3).toString('hex')}`,
    net: `10.${String(randomInt(64, 250))}.${String(randomInt(1, 250))}`,
  };
}

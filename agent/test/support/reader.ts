import { setTimeout as delay } from 'node:timers/promises';
import type { AgentProcess } from './agent-process.ts';
import { sha256 } from './upload.ts';
import type { UploadLoad } from './upload-load.ts';

const PAUSE_MS = 5;

/** Somebody who looks at the images of a load while faults happen, and writes down every answer that no reader may get. */
export class Reader {
  readonly wrong: string[] = [];
  /** Images that came whole. */
  seen = 0;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  start(agent: AgentProcess, load: UploadLoad): void {
    this.#running = this.#run(agent, load);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async #run(agent: AgentProcess, load: UploadLoad): Promise<void> {
    while (!this.#isStopping) {
      const created = [...load.created];
      const [path, hash] = created[Math.floor(Math.random() * created.length)] ?? [];
      const named = [...load.named.keys()];
      const name = named[Math.floor(Math.random() * named.length)];
      if (path !== undefined) await this.#look(agent, path, (found) => found === hash);
      // Which of its versions is served changes all the time; it must be one of them, whole.
      if (name !== undefined) await this.#look(agent, name, (found) => load.sent.has(found));
      await delay(PAUSE_MS);
    }
  }

  async #look(agent: AgentProcess, path: string, isRight: (hash: string) => boolean): Promise<void> {
    const answer = await get(agent, path);
    // A process that has just been killed answers nothing, and a name may have no image yet.
    if (answer === undefined || answer.status === 404) return;
    if (answer.status === 200 && isRight(answer.hash)) this.seen += 1;
    else this.wrong.push(`${path}: ${String(answer.status)} ${answer.hash}`);
  }
}

async function get(agent: AgentProcess, path: string): Promise<{ status: number; hash: string } | undefined> {
  try {
    const response = await fetch(`${agent.url}/${path}`);
    return { status: response.status, hash: sha256(new Uint8Array(await response.arrayBuffer())) };
  } catch {
    return undefined;
  }
}

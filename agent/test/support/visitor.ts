import { setTimeout as delay } from 'node:timers/promises';
import type { AgentProcess } from './agent-process.ts';
import { sha256 } from './upload.ts';

/** Pause of a visitor whom no server has answered at all. */
const PAUSE_MS = 20;

/**
 * Asks one server for random images, over and over, as the visitors of a web site do. While it does not answer they go to
 * the next one, as a web application would send them; a server that answers must answer right.
 */
export class Visitor {
  readonly #servers: readonly AgentProcess[];
  readonly #images: readonly (readonly [path: string, sha256: string])[];
  readonly #wrong: string[] = [];
  readonly #visits: number[];
  #isStopping = false;
  #lanes: Promise<void>[] = [];

  /** The first server is the one that is visited. */
  constructor(servers: readonly AgentProcess[], images: ReadonlyMap<string, string>) {
    this.#servers = servers;
    this.#images = [...images];
    this.#visits = servers.map(() => 0);
  }

  /** Answers of the server that is visited. */
  get visits(): number {
    return this.#visits[0] ?? 0;
  }

  /** Answers of the others, while that one was away. */
  get detours(): number {
    return this.#visits.slice(1).reduce((sum, count) => sum + count, 0);
  }

  start(lanes = 2): void {
    this.#lanes = Array.from({ length: lanes }, () => this.#visit());
  }

  /** What was answered and not with 200 and the right bytes. */
  async stop(): Promise<readonly string[]> {
    this.#isStopping = true;
    await Promise.all(this.#lanes);
    return this.#wrong;
  }

  async #visit(): Promise<void> {
    while (!this.#isStopping) {
      const [path, hash] = this.#images[Math.floor(Math.random() * this.#images.length)] ?? ['', ''];
      if (!(await this.#visitFirstThatAnswers(path, hash))) await delay(PAUSE_MS);
    }
  }

  async #visitFirstThatAnswers(path: string, hash: string): Promise<boolean> {
    for (const [index, server] of this.#servers.entries()) {
      const answer = await get(`${server.url}/${path}`);
      if (answer === undefined) continue;
      if (answer !== hash) this.#wrong.push(`${server.name}/${path}: ${answer}`);
      this.#visits[index] = (this.#visits[index] ?? 0) + 1;
      return true;
    }
    return false;
  }
}

/** The hash of the bytes, or what came instead; undefined when nobody is there, or whoever was has just died. */
async function get(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url);
    if (response.status !== 200) return `${String(response.status)} ${await response.text()}`;
    return sha256(new Uint8Array(await response.arrayBuffer()));
  } catch {
    return undefined;
  }
}

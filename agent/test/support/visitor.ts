import { sha256 } from './upload.ts';
import type { AgentProcess } from './agent-process.ts';

/** Asks one server for random images, over and over, as a web site's visitors do. */
export class Visitor {
  readonly #server: AgentProcess;
  readonly #images: readonly (readonly [path: string, sha256: string])[];
  readonly #wrong: string[] = [];
  #visits = 0;
  #isStopping = false;
  #lanes: Promise<void>[] = [];

  constructor(server: AgentProcess, images: ReadonlyMap<string, string>) {
    this.#server = server;
    this.#images = [...images];
  }

  get visits(): number {
    return this.#visits;
  }

  start(lanes = 2): void {
    this.#lanes = Array.from({ length: lanes }, () => this.#visit());
  }

  /** What was not answered with 200 and the right bytes. */
  async stop(): Promise<readonly string[]> {
    this.#isStopping = true;
    await Promise.all(this.#lanes);
    return this.#wrong;
  }

  async #visit(): Promise<void> {
    while (!this.#isStopping) {
      const [path, hash] = this.#images[Math.floor(Math.random() * this.#images.length)] ?? ['', ''];
      const answer = await this.#get(path);
      if (answer !== hash) this.#wrong.push(`${path}: ${answer}`);
      this.#visits += 1;
    }
  }

  /** The hash of the bytes, or what came instead. */
  async #get(path: string): Promise<string> {
    try {
      const response = await fetch(`${this.#server.url}/${path}`);
      if (response.status !== 200) return `${String(response.status)} ${await response.text()}`;
      return sha256(new Uint8Array(await response.arrayBuffer()));
    } catch (error) {
      return String(error);
    }
  }
}

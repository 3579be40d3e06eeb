import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { KEY, type AgentProcess } from './agent-process.ts';
import { post, sha256 } from './upload.ts';

/** What a client knows of an image that it overwrites again and again. */
interface NamedImage {
  /** Hash of the last version that was acknowledged; undefined: none was. */
  acknowledged: string | undefined;
  /** Hashes of versions that were sent after it and not acknowledged: each of them may be there instead. */
  readonly unsure: Set<string>;
}

export interface LoadOptions {
  /** Uploads at the same time. Every third one overwrites. */
  readonly width?: number;
  /** Part of the names of overwritten images; two loads on one fleet need two. */
  readonly name?: string;
  /** Pause of each client after an upload; default none. */
  readonly pauseMs?: number;
}

/** Starts every image's bytes: what a type is read from. */
const HEAD = pngImage({ seed: 0, sizeBytes: 100 });
const NAMES_A_WORKER = 3;

/**
 * Clients that upload new images and overwrite named ones without pause, and keep a log of what was acknowledged: what the
 * agent owes them, whatever befalls it. Each named image has one writer, so that the order of its versions is known.
 */
export class UploadLoad {
  /** Path -> hash of each new image that was acknowledged. */
  readonly created = new Map<string, string>();
  readonly named = new Map<string, NamedImage>();
  /** Hashes of everything that was ever sent; a file with any other is no whole image. */
  readonly sent = new Set<string>();
  /** New images that a GET after some start has proved; from there on disk and catalog are looked at. */
  readonly proved = new Set<string>();
  /** Answers that were no receipt, by code, and connections that broke ('CONNECTION'). */
  readonly refusals = new Map<string, number>();
  /** Number of uploads and overwrites that were acknowledged, all rounds together. */
  acknowledged = 0;
  readonly #width: number;
  readonly #name: string;
  readonly #pauseMs: number;
  #turn = 0;
  #isStopping = false;
  #isDeaf = false;
  #running: readonly Promise<void>[] = [];

  constructor({ width = 16, name = 'named', pauseMs = 0 }: LoadOptions = {}) {
    this.#width = width;
    this.#name = name;
    this.#pauseMs = pauseMs;
  }

  start(agent: AgentProcess): void {
    this.#isStopping = false;
    this.#isDeaf = false;
    this.#running = Array.from({ length: this.#width }, async (_, index) => {
      while (!this.#isStopping) {
        await (index % 3 === 2 ? this.#overwrite(agent, index) : this.#create(agent));
        if (this.#pauseMs > 0) await delay(this.#pauseMs);
      }
    });
  }

  /** No new uploads; returns when those on their way have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
  }

  /** From now until the next start no receipt is believed: its machine has no power any more. */
  goDeaf(): void {
    this.#isDeaf = true;
  }

  async #create(agent: AgentProcess): Promise<void> {
    const bytes = this.#bytes();
    const answer = await this.#noted(() => post(agent, [{ name: 'new.png', bytes }]));
    const stored = answer?.body.images[0];
    if (stored === undefined) return;
    this.created.set(stored.path, sha256(bytes));
  }

  async #overwrite(agent: AgentProcess, index: number): Promise<void> {
    const path = `${this.#name}/${String(index)}/${String(this.#turn % NAMES_A_WORKER)}.png`;
    const image = this.named.get(path) ?? { acknowledged: undefined, unsure: new Set() };
    this.named.set(path, image);
    const bytes = this.#bytes();
    image.unsure.add(sha256(bytes));
    const answer = await this.#noted(() => putNamed(agent, path, bytes));
    if (answer === undefined) return;
    image.acknowledged = sha256(bytes);
    image.unsure.clear();
  }

  /** The answer when it acknowledges. */
  async #noted<T extends { readonly status: number; readonly body: unknown }>(
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    const answer = await work().catch(() => undefined);
    if (answer?.status === 201 && !this.#isDeaf) {
      this.acknowledged += 1;
      return answer;
    }
    const code = answer === undefined ? 'CONNECTION' : codeOf(answer);
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    return undefined;
  }

  /** Mostly thumbnails; some are larger than what goes to the disk in one write. */
  #bytes(): Buffer {
    this.#turn += 1;
    const sizeBytes = this.#turn % 20 === 0 ? 300_000 : 500 + ((this.#turn * 977) % 20_000);
    const bytes = Buffer.concat([HEAD, randomBytes(sizeBytes)]);
    this.sent.add(sha256(bytes));
    return bytes;
  }
}

/** PUT of a named image, overwriting; the answer whatever its status. */
export async function putNamed(
  agent: AgentProcess,
  path: string,
  bytes: Buffer,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${agent.url}/api/v1/images/${path}?overwrite=true`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${KEY}` },
    body: new Uint8Array(bytes),
  });
  return { status: response.status, body: await response.json() };
}

function codeOf({ status, body }: { readonly status: number; readonly body: unknown }): string {
  const code = typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : 'NONE';
  return `${String(status)} ${code}`;
}

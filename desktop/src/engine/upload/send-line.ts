import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ItemEvent } from '#engine/queue/item-step.ts';
import { isFileFailure, type ItemImage } from '#engine/queue/queue-item.ts';
import { stepItems } from '#engine/queue/queue-steps.ts';
import type { PreparedItem, Sender, SentItem, SentOutcome, TargetChoice } from '#engine/queue/upload-ports.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import type { Paces } from './pace.ts';
import { nextRequest, type ServerLimits } from './request-plan.ts';
import type { TakenItems } from './taken-items.ts';
import { UnderWay } from './under-way.ts';

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;
/** May pass, and may as well be the file: not tried for ever. */
const DOUBTFUL: ReadonlySet<string> = new Set(['PATH_BUSY', 'DIGEST_MISMATCH']);
const MAX_DOUBTFUL_ATTEMPTS = 5;

interface Deps {
  readonly store: UploadQueueStore;
  readonly taken: TakenItems;
  readonly sender: Sender;
  readonly target: TargetChoice;
  readonly paces: Paces;
  readonly limits: ServerLimits;
  readonly now: () => number;
  readonly random: () => number;
  /** An id for a file that is first sent now. */
  readonly newId: () => string;
  /** Bytes that went out; negative when those of a file go out again. */
  readonly onMoved: (bytes: number) => void;
  /** How the last request fared: the error of a server that could not be reached or takes nothing, or null. */
  readonly onTried: (error: FleetError | null) => void;
  /** What is neither the file nor the server: the disk under the queue, or a fault of ours. */
  readonly onFault: (error: unknown) => void;
  /** A request has ended, or a file may go. */
  readonly onChanged: () => void;
}

/** Sends what has to go out, as many requests at once as the server takes well. */
export class SendLine {
  readonly #deps: Deps;
  #ready: readonly PreparedItem[] = [];
  #running = new Set<Promise<void>>();
  readonly #underWay = new UnderWay();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#ready.length;
  }

  get isSending(): boolean {
    return this.#running.size > 0;
  }

  push(items: readonly PreparedItem[]): void {
    this.#ready = [...this.#ready, ...items.filter((item) => this.#deps.taken.mayGo(item))];
  }

  /** Begins as many requests as may begin; answers when it is worth calling again, milliseconds since the epoch. */
  pump(signal: AbortSignal): number {
    const { target, paces, limits, onFault } = this.#deps;
    while (this.#ready.length > 0) {
      const server = target.current();
      if (server === undefined) return target.openAt();
      const pace = paces.of(server);
      if (pace.places === 0) return Math.max(pace.openAt, this.#deps.now());
      const items = nextRequest(this.#ready, limits.of(server));
      const turn = target.begin();
      if (turn === undefined) return target.openAt();
      const chosen = new Set(items);
      this.#ready = this.#ready.filter((item) => !chosen.has(item));
      const turns = [turn, pace.begin()] as const;
      const run = this.#request(turn.server, items, { turns, signal })
        .catch(onFault)
        .finally(() => {
          this.#running.delete(run);
          this.#deps.onChanged();
        });
      this.#running.add(run);
    }
    return Infinity;
  }

  /** Bytes of a file that went out so far; undefined when it is not under way. */
  sentBytes(key: number): number | undefined {
    return this.#underWay.sentBytes(key);
  }

  /** Of all files that are under way. */
  get bytesUnderWay(): number {
    return this.#underWay.bytes;
  }

  /** A request of which nobody wants any file any more is broken off. One that carries others as well goes to its end. */
  takeBack(isWanted: (key: number) => boolean): void {
    this.#underWay.takeBack(isWanted);
  }

  /** What waits is given back to the queue; what is under way is left to its signal, and waited for. */
  async drain(): Promise<void> {
    this.#ready = [];
    await Promise.all(this.#running);
    this.#deps.taken.clear();
  }

  async #request(
    server: string,
    items: readonly PreparedItem[],
    { turns, signal }: { readonly turns: readonly Turn[]; readonly signal: AbortSignal },
  ): Promise<void> {
    const { store, sender, newId } = this.#deps;
    const sent = this.#begin(items, newId);
    const request = this.#underWay.begin(
      sent.map(({ key }) => key),
      signal,
    );
    const onBytes = (key: number, bytes: number): void => {
      request.moved(key, bytes);
      this.#deps.onMoved(bytes);
    };
    try {
      const options = { server, signal: request.signal, onBytes };
      const outcomes = sent.length === 0 ? [] : await sender.send(sent, options);
      this.#settle(server, sent, outcomes);
      this.#forget(request.end(outcomes.flatMap(({ key, kind }) => (kind === 'stored' ? [] : [key]))));
      endTurns(turns, outcomes);
      // After the turns: they decide whether another server is left.
      this.#deps.onTried(outcomes.find((outcome) => outcome.kind === 'lost')?.error ?? null);
    } catch (error) {
      // Whether it arrived is not known; the fleet is asked before it is sent again.
      stepItems(
        store,
        sent.map(({ key }) => [key, { kind: 'reopened' }]),
      );
      this.#forget(request.end(sent.map(({ key }) => key)));
      this.#release(sent, new Map());
      for (const turn of turns) turn.dropped();
      if (!request.signal.aborted) throw error;
    }
  }

  /** They go out again, or never. */
  #forget(bytes: number): void {
    if (bytes > 0) this.#deps.onMoved(-bytes);
  }

  /** Their ids are on the disk before the first byte goes out. */
  #begin(items: readonly PreparedItem[], newId: () => string): readonly SentItem[] {
    const { store, taken } = this.#deps;
    const begun = stepItems(
      store,
      items.map(({ key, id }) => [key, { kind: 'sendStarted', id: id ?? newId() }]),
    );
    const sent = begun.filter(
      (item): item is SentItem => item.state === 'uploading' && item.id !== null && item.sha256 !== null,
    );
    const keys = new Set(sent.map(({ key }) => key));
    const left = items.filter(({ key }) => !keys.has(key));
    for (const { key } of left) taken.release(key);
    this.#release(left, new Map());
    return sent;
  }

  #settle(server: string, sent: readonly SentItem[], outcomes: readonly SentOutcome[]): void {
    const { store, limits } = this.#deps;
    const byKey = new Map(sent.map((item) => [item.key, item]));
    const images = new Map<number, ItemImage>();
    const events = outcomes.map((outcome): readonly [number, ItemEvent] => {
      if (outcome.kind === 'unsent' && outcome.maxFiles !== undefined) limits.learn(server, outcome.maxFiles);
      if (outcome.kind === 'stored' && outcome.isAsQueued) images.set(outcome.key, outcome.image);
      return [outcome.key, this.#eventOf(outcome, byKey.get(outcome.key)?.attempts ?? 1)];
    });
    stepItems(store, events);
    this.#release(sent, images);
  }

  #eventOf(outcome: SentOutcome, attempts: number): ItemEvent {
    switch (outcome.kind) {
      case 'stored':
        return { kind: 'stored', image: outcome.image, sha256: outcome.sha256 };
      case 'unsent':
        return { kind: 'unsent' };
      case 'lost': {
        const { code, message } = outcome.error;
        return { kind: 'lost', code, message, retryAt: this.#retryAt(attempts) };
      }
      case 'refused': {
        const { code, message } = outcome;
        if (isFileFailure(code)) return { kind: 'fileFailed', code, message };
        const isDoubtful = DOUBTFUL.has(code) && attempts < MAX_DOUBTFUL_ATTEMPTS;
        return isDoubtful
          ? { kind: 'lost', code, message, retryAt: this.#retryAt(attempts) }
          : { kind: 'refused', code, message };
      }
    }
  }

  /** Exponential with full jitter: files that were lost together do not come back together. */
  #retryAt(attempts: number): number {
    const { now, random } = this.#deps;
    return now() + random() * Math.min(FIRST_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS);
  }

  /** They are out of hand; files with the same bytes that waited for them are there too now, or go themselves. */
  #release(items: readonly PreparedItem[], images: ReadonlyMap<number, ItemImage>): void {
    const { store, taken } = this.#deps;
    for (const item of items) {
      taken.release(item.key);
      const twins = taken.settle(item);
      const image = images.get(item.key);
      if (image === undefined) {
        // Not at once: what became of the first one is asked of the fleet first.
        for (const { key } of twins) taken.release(key);
        continue;
      }
      stepItems(
        store,
        twins.map(({ key }) => [key, { kind: 'present', image }]),
      );
      for (const { key } of twins) taken.release(key);
    }
  }
}

interface Turn {
  succeeded(): void;
  failed(error: FleetError, retryAfterMs: number | undefined): void;
  dropped(): void;
}

/** What a request tells of its server. */
function endTurns(turns: readonly Turn[], outcomes: readonly SentOutcome[]): void {
  const lost = outcomes.find((outcome) => outcome.kind === 'lost');
  const isAnswered = outcomes.some(isOfServer);
  for (const turn of turns) {
    if (lost !== undefined) turn.failed(lost.error, lost.retryAfterMs);
    else if (isAnswered) turn.succeeded();
    else turn.dropped();
  }
}

/** A server took it, or refused it. */
function isOfServer(outcome: SentOutcome): boolean {
  return outcome.kind === 'stored' || (outcome.kind === 'refused' && !isFileFailure(outcome.code));
}

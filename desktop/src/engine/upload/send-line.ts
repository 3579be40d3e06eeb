import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ItemEvent } from '#engine/queue/item-step.ts';
import { isFileFailure } from '#engine/queue/queue-item.ts';
import { stepItems } from '#engine/queue/queue-steps.ts';
import type { PreparedItem, Sender, SentItem, SentOutcome, TargetChoice } from '#engine/queue/upload-ports.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import { mayBeOneFile } from './may-be-one-file.ts';
import type { Paces } from './pace.ts';
import { nextRequest, type ServerLimits } from './request-plan.ts';
import type { TakenItems } from './taken-items.ts';
import { UnderWay, type RequestUnderWay } from './under-way.ts';

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;
/** May pass, and may as well be the file: not tried for ever. */
const DOUBTFUL: ReadonlySet<string> = new Set(['PATH_BUSY', 'DIGEST_MISMATCH']);
const MAX_DOUBTFUL_ATTEMPTS = 5;
/** Of a file that may break the server's own code. */
const MAX_LONELY_ATTEMPTS = 8;

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
  /** Bytes that went out. */
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
    while (this.#ready.length > 0 && !signal.aborted) {
      const server = target.current();
      if (server === undefined) return target.openAt();
      const pace = paces.of(server);
      // With all places taken, the end of a request says when there is one.
      if (pace.places === 0) return pace.openAt > this.#deps.now() ? pace.openAt : Infinity;
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
    const underWay = this.#underWay.begin(
      items.map(({ key }) => key),
      signal,
    );
    let outcomes: readonly SentOutcome[] | undefined;
    let sent: readonly SentItem[] = [];
    try {
      sent = this.#begin(items);
      outcomes = sent.length === 0 ? [] : await this.#post(server, sent, underWay);
      this.#settle(server, sent, outcomes);
    } catch (error) {
      // Whether it arrived is not known; the fleet is asked before it is sent again.
      this.#reopen(sent);
      if (!underWay.signal.aborted) throw error;
    } finally {
      underWay.end();
      for (const { key, sha256 } of items) this.#release(key, sha256);
      endTurns(turns, outcomes);
      // After the turns: they decide whether another server is left.
      this.#deps.onTried(outcomes?.find((outcome) => outcome.kind === 'lost')?.error ?? null);
    }
  }

  #post(server: string, sent: readonly SentItem[], underWay: RequestUnderWay): Promise<readonly SentOutcome[]> {
    const onBytes = (key: number, bytes: number): void => {
      underWay.moved(key, bytes);
      this.#deps.onMoved(bytes);
    };
    return this.#deps.sender.send(sent, { server, signal: underWay.signal, onBytes });
  }

  #reopen(sent: readonly SentItem[]): void {
    stepItems(
      this.#deps.store,
      sent.map(({ key }) => [key, { kind: 'reopened' }]),
    );
  }

  /**
   * Their ids are on the disk before the first byte goes out. Bytes that may lie somewhere under the id of another file go
   * under the same one: a server that knows of neither would store them twice.
   */
  #begin(items: readonly PreparedItem[]): readonly SentItem[] {
    const { store, newId } = this.#deps;
    const begun = stepItems(
      store,
      items.map(({ key, id, sha256, isForced }) => {
        const known = id ?? (isForced ? undefined : store.idOf(sha256));
        return [key, { kind: 'sendStarted', id: known ?? newId() }];
      }),
    );
    return begun.filter(
      (item): item is SentItem => item.state === 'uploading' && item.id !== null && item.sha256 !== null,
    );
  }

  #settle(server: string, sent: readonly SentItem[], outcomes: readonly SentOutcome[]): void {
    const { store, limits } = this.#deps;
    const byKey = new Map(sent.map((item) => [item.key, item]));
    const events = outcomes.flatMap((outcome): (readonly [number, ItemEvent])[] => {
      if (outcome.kind === 'unsent' && outcome.maxFiles !== undefined) limits.learn(server, outcome.maxFiles);
      const item = byKey.get(outcome.key);
      if (item === undefined) return [];
      const event = this.#eventOf(outcome, { attempts: item.attempts, isAlone: sent.length === 1 });
      const isThere = outcome.kind === 'stored' && outcome.isAsQueued;
      const twins = isThere ? this.#deps.taken.waitingFor(item) : [];
      // They have the same bytes, and these are there now.
      const present = isThere ? ({ kind: 'present', image: outcome.image } as const) : undefined;
      return [[outcome.key, event], ...(present === undefined ? [] : twins.map(({ key }) => [key, present] as const))];
    });
    stepItems(store, events);
  }

  #eventOf(outcome: SentOutcome, { attempts, isAlone }: Tried): ItemEvent {
    switch (outcome.kind) {
      case 'stored':
        return { kind: 'stored', image: outcome.image, sha256: outcome.sha256 };
      case 'unsent':
        return { kind: 'unsent' };
      case 'lost': {
        const { code, message } = outcome.error;
        // By itself, at one server after another: it is the file.
        const isHopeless = isAlone && mayBeOneFile(code) && attempts >= MAX_LONELY_ATTEMPTS;
        return isHopeless
          ? { kind: 'refused', code, message }
          : { kind: 'lost', code, message, retryAt: this.#retryAt(attempts) };
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

  /** It is out of hand, and so are files with the same bytes that waited for it: they are there too now, or go themselves. */
  #release(key: number, sha256: string): void {
    const { taken } = this.#deps;
    taken.release(key);
    for (const twin of taken.settle({ key, sha256 })) taken.release(twin.key);
  }
}

interface Tried {
  readonly attempts: number;
  /** There was no other file in the request. */
  readonly isAlone: boolean;
}

interface Turn {
  succeeded(): void;
  failed(error: FleetError, retryAfterMs: number | undefined): void;
  dropped(): void;
}

/** What a request tells of its server. */
function endTurns(turns: readonly Turn[], outcomes: readonly SentOutcome[] = []): void {
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

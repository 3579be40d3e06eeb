import { resolve } from 'node:path';
import { addFolders } from './add-folders.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { EngineHandlers } from '#engine/api/call-engine.ts';
import type { EngineLimits, EngineOutput } from '#bridge/engine-api.ts';
import { either } from './either-signal.ts';
import type { EngineSettingsFile } from './engine-settings.ts';
import { cancelAll, clearHistory, moveAll, retryWaiting, trimHistory } from './queue/bulk-changes.ts';
import type { QueueItem } from './queue/queue-item.ts';
import type { UploadQueueStore } from './queue/upload-queue-store.ts';
import type { TargetView } from './target/first-healthy-target.ts';
import type { ProgressMeter } from './upload/progress-meter.ts';
import type { UploadEngine } from './upload-engine.ts';

/** Files that are done with and stay in the list; the oldest go first. Their images stay where they are. */
export const MAX_HISTORY = 200_000;
const ASIDE_MS = 3000;

type Status = EngineOutput<'readStatus'>;

export interface QueueServiceDeps {
  readonly engine: UploadEngine;
  readonly queue: UploadQueueStore;
  readonly settings: EngineSettingsFile;
  readonly meter: ProgressMeter;
  readonly targets: () => readonly TargetView[];
  /** Servers that were left alone for a while are asked again. */
  readonly retryTargets: () => void;
  readonly now: () => number;
  /** Takes new limits into use. */
  readonly limit: (limits: EngineLimits) => void;
  /** Ends with the engine. */
  readonly signal: AbortSignal;
}

type QueueCalls =
  | 'addFolders'
  | 'readStatus'
  | 'listItems'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'retry'
  | 'sendAnyway'
  | 'setLimits'
  | 'clearHistory';

/** The queue as it is driven from outside (ENGINE_API). */
export class QueueService implements Pick<EngineHandlers, QueueCalls> {
  readonly #deps: QueueServiceDeps;
  readonly #adding = new Set<AbortController>();
  readonly #onAdded: (() => void)[] = [];

  constructor(deps: QueueServiceDeps) {
    this.#deps = deps;
  }

  readonly addFolders: EngineHandlers['addFolders'] = async ({ roots, include = [], exclude = [] }, gone) => {
    const { engine, queue, now } = this.#deps;
    const adding = new AbortController();
    const signal = AbortSignal.any([either(this.#deps.signal, gone), adding.signal]);
    const places = roots.map((root) => resolve(root));
    const options = { rules: { include, exclude }, signal, onAdded: () => engine.wake() };
    // A folder of ten thousands is in the list at once; one that takes longer does not keep the uploads from going on.
    engine.standAside(now() + ASIDE_MS);
    this.#adding.add(adding);
    try {
      return await addFolders(queue, places, options);
    } finally {
      this.#adding.delete(adding);
      if (this.#adding.size === 0) {
        engine.standAside(0);
        for (const tell of this.#onAdded.splice(0)) tell();
      }
      await trimHistory(queue, MAX_HISTORY);
    }
  };

  /** Resolves when nothing is being added and nothing is left that can be done without anybody asking. */
  async whenDone(): Promise<void> {
    do {
      if (this.#adding.size > 0) await new Promise<void>((tell) => this.#onAdded.push(tell));
      await this.#deps.engine.whenIdle();
    } while (this.#adding.size > 0);
  }

  /** What waits for its next try is tried now: what was in the way is over. */
  async goOn(): Promise<void> {
    this.#deps.retryTargets();
    await retryWaiting(this.#deps.queue);
    this.#deps.engine.wake();
  }

  readonly readStatus: EngineHandlers['readStatus'] = () => Promise.resolve(this.#status());

  readonly listItems: EngineHandlers['listItems'] = ({ state, after, skip, limit }) => {
    const { engine, queue } = this.#deps;
    const { items, next } = queue.page({
      ...{ limit, ...(state && { state }) },
      ...(after !== undefined && { after }),
      ...(skip !== undefined && { skip }),
    });
    return Promise.resolve({ items: items.map((item) => publicOf(item, engine.sentBytes(item.key) ?? 0)), next });
  };

  readonly pause: EngineHandlers['pause'] = async ({ keys }) => {
    const { engine, settings } = this.#deps;
    if (keys === undefined) {
      // First what was asked for: on a full disk it holds for this run at least.
      await engine.pause();
      await settings.change({ isPaused: true });
    } else {
      engine.tell(keys, 'pausedByHand');
    }
    return this.#status();
  };

  readonly resume: EngineHandlers['resume'] = async ({ keys }) => {
    const { engine, queue, settings } = this.#deps;
    if (keys === undefined) {
      await settings.change({ isPaused: false });
      await moveAll(queue, 'paused', 'queued');
      this.#deps.retryTargets();
      engine.resume();
    } else {
      engine.tell(keys, 'resumed');
    }
    return this.#status();
  };

  readonly cancel: EngineHandlers['cancel'] = async ({ keys }) => {
    const { engine, queue } = this.#deps;
    if (keys === undefined) {
      for (const adding of this.#adding) adding.abort(new FleetError('SHUTTING_DOWN', 'adding was cancelled'));
      await cancelAll(queue);
      engine.changed();
    } else {
      engine.tell(keys, 'cancelled');
    }
    return this.#status();
  };

  readonly retry: EngineHandlers['retry'] = async ({ keys }) => {
    const { engine, queue } = this.#deps;
    if (keys === undefined) {
      await moveAll(queue, 'failed', 'queued');
      await this.goOn();
    } else {
      engine.tell(keys, 'retried');
    }
    return this.#status();
  };

  readonly sendAnyway: EngineHandlers['sendAnyway'] = ({ keys }) => {
    this.#deps.engine.tell(keys, 'forced');
    return Promise.resolve(this.#status());
  };

  readonly setLimits: EngineHandlers['setLimits'] = async (change) => {
    const { settings, limit, engine } = this.#deps;
    const { bytesPerSecond = settings.settings.limits.bytesPerSecond, requests = settings.settings.limits.requests } =
      change;
    limit({ bytesPerSecond, requests });
    engine.wake();
    await settings.change({ limits: { bytesPerSecond, requests } });
    return this.#status();
  };

  readonly clearHistory: EngineHandlers['clearHistory'] = async () => ({
    removed: await clearHistory(this.#deps.queue),
  });

  #status(): Status {
    const { engine, settings, meter, targets } = this.#deps;
    const standing = engine.status;
    const { counts, holding, bytesUnderWay } = standing;
    const { isPaused, limits } = settings.settings;
    return {
      ...{ counts, isPaused, holding, limits, bytesUnderWay: Math.max(0, bytesUnderWay), ...meter.view(standing) },
      targets: targets().map(({ server, isFit, heard, error }) => ({
        ...{ server, isFit, heard: heard ?? null },
        problem: error === undefined ? null : { code: error.code, message: error.message },
      })),
    };
  }
}

function publicOf(item: QueueItem, sentBytes: number): EngineOutput<'listItems'>['items'][number] {
  const { key, file, path, sizeBytes, state, sha256, attempts, retryAt, failure, image, isForced } = item;
  return { key, file, path, sizeBytes, state, sha256, attempts, retryAt, failure, image, isForced, sentBytes };
}

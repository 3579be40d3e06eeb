import type { EngineClient, EngineOutput } from '#bridge/engine-api.ts';
import { FILE_CLASSES, ITEM_STATES, type FileClass, type ItemState } from '#bridge/engine-words.ts';
import { linkLine } from '@imagefleet/shared/common/links/link-formats.ts';

type Status = EngineOutput<'readStatus'>;
export type FakeItem = EngineOutput<'listItems'>['items'][number];
type Report = EngineOutput<'checkFolders'>;

const SIZE = 1000;

/** A file of the queue; it waits, unless `more` says otherwise. */
export function anItem(key: number, more: Partial<FakeItem> = {}): FakeItem {
  const path = more.path ?? `假期/图 ${String(key)}.png`;
  const state = more.state ?? 'queued';
  const isUp = state === 'done' || state === 'present';
  const image = isUp
    ? { path: `2026/3/9/${String(key)}.png`, link: `http://i.example/2026/3/9/${String(key)}.png` }
    : null;
  return {
    ...{ key, path, file: `/home/anna/${path}`, sizeBytes: SIZE, state, sha256: null, attempts: 0, retryAt: null },
    ...{ failure: null, image, isForced: false, sentBytes: 0, ...more },
  };
}

/** So many files of a state, with keys that follow each other. */
export function items(count: number, state: ItemState = 'queued', firstKey = 1): FakeItem[] {
  return Array.from({ length: count }, (_, index) => anItem(firstKey + index, { state }));
}

export function aStatus(list: readonly FakeItem[], more: Partial<Status> = {}): Status {
  const counts = Object.fromEntries(ITEM_STATES.map((state) => [state, { files: 0, bytes: 0 }])) as Status['counts'];
  for (const { state, sizeBytes } of list) {
    counts[state].files += 1;
    counts[state].bytes += sizeBytes;
  }
  return {
    ...{ counts, isPaused: false, holding: null, limits: { bytesPerSecond: 0, requests: 6 }, bytesPerSecond: null },
    ...{ secondsLeft: null, bytesUnderWay: 0, targets: [], ...more },
  };
}

export function aReport(files: Partial<Record<FileClass, number>>, more: Partial<Report> = {}): Report {
  const of = (word: FileClass, count: number): Report['classes'][FileClass] => ({
    ...{ files: count, bytes: count * SIZE },
    examples: items(Math.min(count, 3)).map(({ file, path, sizeBytes }) => ({
      ...{ file, path, sizeBytes, class: word, image: null, hasSameName: false },
    })),
  });
  return {
    classes: Object.fromEntries(FILE_CLASSES.map((word) => [word, of(word, files[word] ?? 0)])) as Report['classes'],
    sameName: of('new', 0),
    passedOver: {},
    toSend: { files: files.new ?? 0, bytes: (files.new ?? 0) * SIZE },
    ...{ forecastSeconds: null, limits: null, history: { files: 0, isWhole: true }, hasAllTwins: true, ...more },
  };
}

/** The engine with its queue in memory: it uploads nothing by itself. */
export class FakeQueue implements EngineClient {
  list: FakeItem[] = [];
  /** What the status says beside the counts. */
  standing: Partial<Status> = {};
  report: Report = aReport({ new: 2 });
  /** What one folder brings. */
  filesInFolder = 2;
  /** Files that were written, by their names. */
  readonly written: string[] = [];

  readonly readStatus: EngineClient['readStatus'] = async () => aStatus(this.list, this.standing);
  readonly listItems: EngineClient['listItems'] = async ({ state, after = 0, skip = 0, limit = 200 }) => {
    const behind = this.list.filter((item) => item.key > after && (state === undefined || item.state === state));
    const page = behind.slice(skip, skip + limit);
    return { items: page, next: page.length < limit ? null : (page.at(-1)?.key ?? null) };
  };
  readonly addFolders: EngineClient['addFolders'] = async ({ roots }) => {
    const added = roots.length * this.filesInFolder;
    this.list.push(...items(added, 'queued', (this.list.at(-1)?.key ?? 0) + 1));
    return { added, addedBytes: added * SIZE, known: 0, passedOver: {}, examples: [] };
  };
  readonly pause: EngineClient['pause'] = ({ keys }) => this.#move({ keys, to: 'paused', isPaused: true });
  readonly resume: EngineClient['resume'] = ({ keys }) => this.#move({ keys, to: 'queued', isPaused: false });
  readonly cancel: EngineClient['cancel'] = ({ keys = this.#keysOf('queued') }) =>
    this.#move({ keys, to: 'cancelled' });
  readonly retry: EngineClient['retry'] = ({ keys = this.#keysOf('failed') }) => this.#move({ keys, to: 'queued' });
  readonly sendAnyway: EngineClient['sendAnyway'] = ({ keys }) => this.#move({ keys, to: 'queued' });
  readonly setLimits: EngineClient['setLimits'] = async (limits) => {
    const { bytesPerSecond = 0, requests = 6 } = { ...this.standing.limits, ...limits };
    this.standing = { ...this.standing, limits: { bytesPerSecond, requests } };
    return this.readStatus({});
  };
  readonly checkFolders: EngineClient['checkFolders'] = async () => this.report;
  readonly readCheck: EngineClient['readCheck'] = async () => null;
  readonly readLinks: EngineClient['readLinks'] = async ({ format = 'url', template = '' }) => {
    const lines = this.#links().map((file) => linkLine(file, { format, template }));
    return { text: lines.join('\n'), lines: lines.length, isWhole: true };
  };
  readonly writeLinks: EngineClient['writeLinks'] = async ({ file }) => {
    this.written.push(file);
    return { lines: this.#links().length };
  };
  readonly writeTable: EngineClient['writeTable'] = async ({ file }) => {
    this.written.push(file);
    return { rows: this.list.length };
  };
  readonly writeDiagnostics: EngineClient['writeDiagnostics'] = async ({ file }) => {
    this.written.push(file);
    return {};
  };
  readonly readFleet: EngineClient['readFleet'] = async () => ({
    ...{ servers: [], heardFrom: null, heardAt: null, silent: [], live: 'live', followed: null, problem: null },
    incidents: [],
  });
  readonly clearHistory: EngineClient['clearHistory'] = async () => {
    const kept = this.list.filter(({ state }) => state !== 'done' && state !== 'present' && state !== 'cancelled');
    const removed = this.list.length - kept.length;
    this.list = kept;
    return { removed };
  };

  async #move(change: {
    readonly keys?: readonly number[] | undefined;
    readonly to: ItemState;
    readonly isPaused?: boolean;
  }): Promise<Status> {
    const { keys, to, isPaused } = change;
    if (keys !== undefined) {
      const chosen = new Set(keys);
      this.list = this.list.map((item) =>
        chosen.has(item.key) ? anItem(item.key, { path: item.path, state: to }) : item,
      );
    } else if (isPaused !== undefined) this.standing = { ...this.standing, isPaused };
    return this.readStatus({});
  }

  #keysOf(state: ItemState): number[] {
    return this.list.filter((item) => item.state === state).map(({ key }) => key);
  }

  #links() {
    return this.list.flatMap(({ image, path, sizeBytes, sha256 }) =>
      image === null ? [] : [{ link: image.link, name: path.split('/').at(-1) ?? path, path, sizeBytes, sha256 }],
    );
  }
}

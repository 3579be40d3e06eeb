import { randomBytes } from 'node:crypto';
import { open, opendir, rename, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { DirectorySync } from './disk/directory-sync.ts';
import { errnoOf } from './disk/disk-error.ts';
import { makeDurableFolder } from './disk/durable-folder.ts';
import { ImageFolders } from './disk/image-folders.ts';
import { FileWork } from './disk/file-work.ts';
import { keepFile } from './disk/keep-file.ts';
import { attempt, fileSize, isSameFile, isThere, openFile, unlinkIfThere } from './disk/plain-files.ts';
import type { SmallFiles, WholeFile } from './disk/small-files.ts';
import { stageBytes, stageWhole } from './disk/stage-bytes.ts';
import { syncFolder } from './disk/synced-file.ts';
import { FreeSpaceFloor } from './free-space-floor.ts';
import type { DiskSpace, ImageStore, OpenImage, StagedImage, StageOptions } from './image-store.ts';

/** Age at which the free space is asked for again. */
const SPACE_MAX_AGE_MS = 1000;
/** What `stage` names its files; nothing else in the tmp area is ever removed. */
const STAGING_NAME = /^[0-9a-f]{12}-[0-9a-z]+\.part$/;

export interface DiskImageStoreOptions {
  /** The tree that is served. It, `tmpDir` and `trashDir` must lie on one file system. */
  readonly imagesDir: string;
  readonly tmpDir: string;
  readonly trashDir: string;
  /** Below it `stage` refuses with DISK_FULL before it reads. Default 0. */
  readonly freeSpaceFloorBytes?: number;
  /** Who does the work on small files. Default: this thread, which is right wherever nobody else waits for it. */
  readonly files?: SmallFiles;
  /** Monotonic or wall clock in milliseconds, for the age of the free space only. */
  readonly now?: () => number;
}

/** Images as plain files: `tmp/` while they arrive, then their path below `images/`; `trash/` keeps what was replaced. */
export class DiskImageStore implements ImageStore {
  readonly #imagesDir: string;
  readonly #tmpDir: string;
  readonly #trashDir: string;
  readonly #floor: FreeSpaceFloor;
  readonly #now: () => number;
  readonly #directories = new DirectorySync(syncFolder);
  readonly #files: SmallFiles;
  readonly #folders: ImageFolders;
  /** Random, so that names of two processes never meet: recovery after a crash still needs the old ones. */
  readonly #stagingPrefix = randomBytes(6).toString('hex');
  #stagingCount = 0;
  #space: { readonly at: number; readonly space: Promise<DiskSpace> } | null = null;

  constructor(options: DiskImageStoreOptions) {
    this.#imagesDir = resolve(options.imagesDir);
    this.#tmpDir = resolve(options.tmpDir);
    this.#trashDir = resolve(options.trashDir);
    this.#floor = new FreeSpaceFloor(this, options.freeSpaceFloorBytes ?? 0);
    this.#now = options.now ?? Date.now;
    this.#files = options.files ?? new FileWork(this.#directories);
    this.#folders = new ImageFolders(this.#imagesDir, this.#directories);
  }

  async start(keep: ReadonlySet<string>): Promise<void> {
    for (const folder of [this.#imagesDir, this.#tmpDir, this.#trashDir]) {
      await attempt(`create the folder ${folder}`, () => makeDurableFolder(folder));
    }
    await this.#checkOneFileSystem();
    await attempt(`empty ${this.#tmpDir}`, () => this.#dropLeftovers(keep));
  }

  async stop(): Promise<void> {
    await this.#directories.idle();
  }

  async stage(source: AsyncIterable<Uint8Array>, options: StageOptions): Promise<StagedImage> {
    await this.#floor.assertRoomFor(0);
    const stagingName = this.#newStagingName();
    const staged = await stageBytes(join(this.#tmpDir, stagingName), source, { ...options, files: this.#files });
    return { stagingName, ...staged };
  }

  async stageWhole(bytes: Buffer<ArrayBuffer>): Promise<StagedImage> {
    await this.#floor.assertRoomFor(0);
    const stagingName = this.#newStagingName();
    return { stagingName, ...(await stageWhole(join(this.#tmpDir, stagingName), bytes, this.#files)) };
  }

  async publish(stagingName: string, path: ImagePath): Promise<void> {
    const staged = this.#stagedPath(stagingName);
    const final = this.#finalPath(path);
    const folder = dirname(final);
    await attempt(`store ${path}`, async () => {
      await this.#folders.ensure(folder);
      const errno = await this.#files.rename(staged, final);
      if (errno !== null) await this.#renameAgain(errno, { staged, final, path });
    });
  }

  async unpublish(path: ImagePath): Promise<void> {
    const final = this.#finalPath(path);
    await attempt(`remove ${path}`, async () => {
      if (!(await isThere(final))) return;
      await unlinkIfThere(final);
      await this.#directories.sync(dirname(final));
    });
  }

  async isSameFile(path: ImagePath, other: ImagePath): Promise<boolean> {
    return attempt(`compare ${path} and ${other}`, () => isSameFile(this.#finalPath(path), this.#finalPath(other)));
  }

  /**
   * The tmp area's own names are synced here too: the caller commits a row that names a staged file next, and after a
   * power cut recovery must find that file. Plain uploads need it not, because their row comes after the rename.
   */
  async keepOld(path: ImagePath, trashName: string, stagingName?: string | null): Promise<boolean> {
    const final = this.#finalPath(path);
    const to = inside(this.#trashDir, trashName);
    const keep = (from: string) => keepFile({ from, to, spare: this.#stagedPath(this.#newStagingName()) });
    const keepEither = async (): Promise<boolean> => {
      // In the same order as `open`, for the same reason.
      const isStaged = typeof stagingName === 'string' && (await keep(this.#stagedPath(stagingName)));
      return isStaged || keep(final);
    };
    return attempt(`keep the old ${path}`, async () => {
      const [isKept] = await Promise.all([keepEither(), this.#directories.sync(this.#tmpDir)]);
      if (isKept) await this.#directories.sync(this.#trashDir);
      return isKept;
    });
  }

  async discard(stagingName: string): Promise<void> {
    const staged = this.#stagedPath(stagingName);
    await attempt(`remove ${staged}`, () => unlinkIfThere(staged));
  }

  async open(path: ImagePath, stagingName?: string | null): Promise<OpenImage | undefined> {
    const final = this.#finalPath(path);
    // The tmp area first: a rename between the two look-ups then moves the file to where we look next.
    const staged = typeof stagingName === 'string' ? await openFile(this.#stagedPath(stagingName)) : undefined;
    return staged ?? openFile(final);
  }

  async sizeOf(path: ImagePath, stagingName?: string | null): Promise<number | undefined> {
    const final = this.#finalPath(path);
    const staged = typeof stagingName === 'string' ? await fileSize(this.#stagedPath(stagingName)) : undefined;
    return staged ?? fileSize(final);
  }

  async read(path: ImagePath, stagingName: string | null, sizeBytes: number): Promise<WholeFile> {
    const final = this.#finalPath(path);
    // In the same order as `open`, for the same reason.
    const staged = stagingName === null ? 'missing' : await this.#files.read(this.#stagedPath(stagingName), sizeBytes);
    return staged === 'missing' ? this.#files.read(final, sizeBytes) : staged;
  }

  space(maxAgeMs = SPACE_MAX_AGE_MS): Promise<DiskSpace> {
    const at = this.#now();
    const known = this.#space;
    if (known !== null && at - known.at < maxAgeMs && at >= known.at) return known.space;
    // Of the tmp area, which lies on the same disk: the image folder may have been taken away.
    const space = attempt(`ask for the free space of ${this.#tmpDir}`, async () => {
      const { bavail, blocks, bsize } = await statfs(this.#tmpDir);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    });
    this.#space = { at, space };
    return space;
  }

  /** A publish that was repeated, a folder that somebody removed, or a name that is taken by the other kind. */
  async #renameAgain(
    errno: string,
    { staged, final, path }: { readonly staged: string; readonly final: string; readonly path: ImagePath },
  ): Promise<void> {
    if (errno === 'EISDIR' || errno === 'ENOTDIR' || errno === 'ENOTEMPTY') {
      throw new FleetError('PATH_TAKEN', `a file and a folder would have the same name: ${path}`);
    }
    if (errno !== 'ENOENT') throw renameError(errno);
    if (!(await isThere(staged))) {
      if (await isThere(final)) return this.#directories.sync(dirname(final));
      throw renameError(errno);
    }
    this.#folders.forget(dirname(final));
    await this.#folders.ensure(dirname(final));
    const again = await this.#files.rename(staged, final);
    if (again !== null) throw renameError(again);
  }

  async #checkOneFileSystem(): Promise<void> {
    const name = `${this.#stagingPrefix}-probe.part`;
    for (const folder of [this.#imagesDir, this.#trashDir]) {
      const probe = join(folder, `.imagefleet-${name}`);
      await attempt(`write in ${this.#tmpDir} and ${folder}`, async () => {
        await (await open(join(this.#tmpDir, name), 'w')).close();
        await rename(join(this.#tmpDir, name), probe).catch((error: unknown) => {
          if (errnoOf(error) !== 'EXDEV') throw error;
          throw new FleetError('CFG_INVALID', `${this.#tmpDir} and ${folder} are on different file systems`, {
            cause: error,
            hint: 'Put dataDir and imagesDir on one file system: files move between them by renaming.',
          });
        });
        await unlink(probe);
      });
    }
  }

  async #dropLeftovers(keep: ReadonlySet<string>): Promise<void> {
    for await (const entry of await opendir(this.#tmpDir)) {
      if (STAGING_NAME.test(entry.name) && !keep.has(entry.name)) await unlinkIfThere(join(this.#tmpDir, entry.name));
    }
  }

  #newStagingName(): string {
    return `${this.#stagingPrefix}-${(this.#stagingCount++).toString(36)}.part`;
  }

  #stagedPath(stagingName: string): string {
    if (!STAGING_NAME.test(stagingName)) throw new FleetError('INTERNAL', `no staging name: ${stagingName}`);
    return join(this.#tmpDir, stagingName);
  }

  #finalPath(path: ImagePath): string {
    return inside(this.#imagesDir, path);
  }
}

/** An empty segment, `.` or `..`, in front too, and a drive of Windows: by nothing else does a name leave its folder. */
const LEAVES = /(?:^|[\\/])\.{0,2}(?:[\\/]|$)|^[A-Za-z]:/;

/** parseImagePath has made an escape impossible already; a path that gets past it anyway ends here, not in /etc. */
function inside(folder: string, name: string): string {
  if (LEAVES.test(name)) throw new FleetError('PATH_INVALID', `the path leaves its folder: ${name}`);
  return folder + sep + name;
}

/** A refusal that came as a code only, in the form in which the system would have thrown it. */
function renameError(errno: string): Error {
  return Object.assign(new Error(`${errno}: rename`), { code: errno });
}

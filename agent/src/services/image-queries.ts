import type { AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { parseImagePath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type {
  OperatorHandlers,
  OperatorInput,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import type { UploadLimits } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { acceptedMediaTypes } from '@imagefleet/shared/node/image-type.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import type { ReplicaView } from './replica-view.ts';

export interface ImageQueryDeps {
  readonly catalog: Pick<Catalog, 'find' | 'findByHashes' | 'listImages'>;
  readonly store: Pick<ImageStore, 'open'>;
  readonly view: ReplicaView;
  readonly now: () => number;
  /** Decides the day in generated names. Undefined: the server's own. */
  readonly timeZone: string | undefined;
  readonly limits: Pick<AgentConfig['limits'], 'fileSize' | 'filesPerRequest' | 'svg'>;
}

/** How many copies of one look-up are looked at on the disk at the same time. */
const CHECK_WIDTH = 16;

/** What the API tells about images. */
export function imageQueries(deps: ImageQueryDeps): Pick<OperatorHandlers, 'lookupImages' | 'listImages' | 'getImage'> {
  const entryOf = (record: PresentRecord): OperatorOutput<'listImages'>['images'][number] => {
    const { path, sha256, sizeBytes, mediaType, originalName, version, createdAt } = record;
    return { path, link: deps.view.link(path), sha256, sizeBytes, mediaType, originalName, version, createdAt };
  };
  return {
    lookupImages: (input) => lookup(deps, input),
    listImages: async (input) => {
      const prefix = prefixOf(input);
      if (prefix === undefined) return { images: [], next: null };
      const query = { prefix, search: input.q, after: input.cursor, limit: input.limit + 1 };
      const rows = await deps.catalog.listImages(query);
      const images = rows.slice(0, input.limit).map(entryOf);
      return { images, next: rows.length > input.limit ? (images.at(-1)?.path ?? null) : null };
    },
    getImage: async (input) => {
      const record = await deps.catalog.find(parseImagePath(input.path));
      if (record?.kind !== 'present') throw new FleetError('IMAGE_NOT_FOUND', 'No image has this path on this server.');
      return { ...entryOf(record), replicas: await deps.view.replicasOf(record) };
    },
  };
}

/** Only copies whose file is there are claimed: a client that believes us does not send the image again. */
async function lookup(
  deps: ImageQueryDeps,
  { sha256: wanted, path: wantedPath }: OperatorInput<'lookupImages'>,
): Promise<OperatorOutput<'lookupImages'>> {
  const images = new Map<string, OperatorOutput<'lookupImages'>['images'][number]>();
  const asked = wantedPath === undefined ? undefined : await deps.catalog.find(parseImagePath(wantedPath));
  const isAsked = asked?.kind === 'present' && wanted.includes(asked.sha256);
  const records = [...(isAsked ? [asked] : []), ...(await deps.catalog.findByHashes([...new Set(wanted)]))];
  for (let start = 0; start < records.length; start += CHECK_WIDTH) {
    const slice = records.slice(start, start + CHECK_WIDTH);
    const areThere = await Promise.all(slice.map((record) => isCopyThere(deps, record)));
    for (const [index, { sha256, path, sizeBytes }] of slice.entries()) {
      if (areThere[index] === true && !images.has(sha256))
        images.set(sha256, { sha256, path, link: deps.view.link(path), sizeBytes });
    }
  }
  const timeZone = deps.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { images: [...images.values()], clock: { at: deps.now(), timeZone }, limits: toldLimits(deps.limits) };
}

function toldLimits({ fileSize, filesPerRequest, svg }: ImageQueryDeps['limits']): UploadLimits {
  return { fileSizeBytes: fileSize, filesPerRequest, mediaTypes: [...acceptedMediaTypes({ svg })] };
}

async function isCopyThere({ catalog, store }: ImageQueryDeps, record: PresentRecord): Promise<boolean> {
  const path = parseImagePath(record.path);
  if ((await sizeAt(store, path, null)) === record.sizeBytes) return true;
  // Committed, and perhaps not renamed yet.
  const { stagingName = null } = (await catalog.find(path)) ?? {};
  return stagingName !== null && (await sizeAt(store, path, stagingName)) === record.sizeBytes;
}

async function sizeAt(
  store: ImageQueryDeps['store'],
  path: ImagePath,
  stagingName: string | null,
): Promise<number | undefined> {
  const open = await store.open(path, stagingName);
  await open?.handle.close();
  return open?.sizeBytes;
}

/** Day and prefix together; undefined when no path can have both. */
function prefixOf({ day, prefix = '' }: OperatorInput<'listImages'>): string | undefined {
  if (day === undefined) return prefix;
  const ofDay = `${day.split('-').map(Number).join('/')}/`;
  if (prefix.startsWith(ofDay)) return prefix;
  return ofDay.startsWith(prefix) ? ofDay : undefined;
}

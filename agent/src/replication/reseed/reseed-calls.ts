import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import { checked, parseJson } from '../batch-manifest.ts';
import type { PeerCall } from '../peer-endpoint.ts';
import { FIND_PATH, findQuestion, KNOWN_PATH, type Known, type Whereabouts } from './reseed-messages.ts';

export interface ReseedCallsDeps {
  readonly catalog: Pick<Catalog, 'findAnyCase'>;
  readonly store: Pick<ImageStore, 'sizeOf'>;
  /** Ids under which the server of this name has been seen; none when it is no peer. */
  readonly idsOf: (name: string) => readonly string[];
  /** False while this server lacks records. */
  readonly hasWholeCatalog: () => boolean;
}

/** What a server that lacks images may ask its peers. */
export function reseedCalls(deps: ReseedCallsDeps): ReadonlyMap<string, PeerCall> {
  return new Map<string, PeerCall>([
    [FIND_PATH, (_, line) => whereabouts(checked(findQuestion, parseJson(line), 'the question').path, deps)],
    [KNOWN_PATH, (_, _line, sender) => Promise.resolve(knownOf(sender, deps))],
  ]);
}

function knownOf(sender: string, { idsOf, hasWholeCatalog }: ReseedCallsDeps): Known {
  return { ids: [...idsOf(sender)], hasWholeCatalog: hasWholeCatalog() };
}

/** From this server's own catalog and disk only: a question that travelled must not travel on. */
async function whereabouts(path: string, { catalog, store }: ReseedCallsDeps): Promise<Whereabouts> {
  const known = await catalog.findAnyCase(parseImagePath(path));
  if (known === undefined) return { record: null, hasCopy: false };
  const { stagingName, ...record } = known;
  if (record.kind === 'tombstone') return { record, hasCopy: false };
  const sizeBytes = await store.sizeOf(parseImagePath(record.path), stagingName);
  return { record, hasCopy: sizeBytes === record.sizeBytes };
}

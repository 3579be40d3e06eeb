import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { CatalogRecord, FailureNote, LocalWrite, WriteOutcome } from '../catalog.ts';
import type { CatalogState } from './catalog-state.ts';
import type { DeliveryTable } from './delivery-table.ts';
import { foldOf, presentOf } from './image-row.ts';
import type { ImageTable } from './image-table.ts';

interface Tables {
  readonly images: ImageTable;
  readonly deliveries: DeliveryTable;
  readonly state: CatalogState;
}

interface Plan {
  readonly write: LocalWrite;
  readonly existing: CatalogRecord | undefined;
  readonly outcome: WriteOutcome;
}

export interface WriteResult {
  readonly outcomes: readonly WriteOutcome[];
  readonly notes: readonly FailureNote[];
}

/**
 * This server's own writes, all or none. First every write is decided, against the table and the list's own earlier
 * entries; only when none is refused is anything changed, so nothing has to be undone.
 */
export function writeLocal(tables: Tables, writes: readonly LocalWrite[], nowMs: number): WriteResult {
  const planned = new Map<string, PresentRecord>();
  const plans = writes.map((write): Plan => {
    const fold = foldOf(write.path);
    const earlier = planned.get(fold);
    const existing = earlier === undefined ? tables.images.find(fold) : undefined;
    const outcome = earlier === undefined ? decide(tables, { write, existing, nowMs }) : compare(write, earlier);
    if (outcome.outcome === 'stored') planned.set(fold, outcome.record);
    return { write, existing, outcome };
  });
  const outcomes = plans.map((plan) => plan.outcome);
  if (outcomes.some(({ outcome }) => outcome === 'taken' || outcome === 'caseTaken')) return { outcomes, notes: [] };
  return { outcomes, notes: plans.flatMap((plan) => store(tables, plan, nowMs)) };
}

function decide(
  { state }: Tables,
  {
    write,
    existing,
    nowMs,
  }: { readonly write: LocalWrite; readonly existing: CatalogRecord | undefined; readonly nowMs: number },
): WriteOutcome {
  if (existing?.kind === 'present') {
    const present = presentOf(existing);
    const compared = compare(write, present);
    // An overwrite with equal bytes, too: other bytes with a later version than the present one may be on their way.
    if (compared.outcome === 'caseTaken' || write.mode === 'create') return compared;
  }
  const { path, sha256, sizeBytes, mediaType, originalName } = write;
  // An overwrite is a new version of the same image, so it keeps the time at which that image was first accepted.
  const createdAt = existing?.kind === 'present' ? existing.createdAt : nowMs;
  const version = state.nextVersion(existing?.version, nowMs);
  return {
    outcome: 'stored',
    record: { kind: 'present', path, version, sha256, sizeBytes, mediaType, originalName, createdAt },
  };
}

function compare(write: LocalWrite, existing: PresentRecord): WriteOutcome {
  if (write.path !== existing.path) return { outcome: 'caseTaken', existing };
  return write.sha256 === existing.sha256 ? { outcome: 'same', record: existing } : { outcome: 'taken', existing };
}

function store(
  { images, deliveries, state }: Tables,
  { write, existing, outcome }: Plan,
  nowMs: number,
): readonly FailureNote[] {
  if (outcome.outcome !== 'stored') return [];
  // Without a record there was no delivery either.
  if (existing !== undefined) deliveries.dropPath(write.path);
  images.put(outcome.record, write.stagingName, existing);
  state.countImages(existing?.kind === 'present' ? 0 : 1);
  return deliveries.queue(outcome.record, write.targets, nowMs);
}

import type { Catalog } from '../catalog.ts';

/** What the threads of the catalog can be asked. */
type Method<Names extends keyof Catalog> = Names;

/** Calls whose work is cut into slices, each in a transaction or read of its own; they answer one long list. */
export type SlicedWrite = Method<'park' | 'requeue'>;
export type SlicedRead = Method<
  'listImages' | 'digestDays' | 'digestBuckets' | 'recountBuckets' | 'listEntries' | 'findEntries'
>;
export type WriteMethod =
  Method<'write' | 'merge' | 'clearStaging' | 'settle' | 'correctBuckets' | 'remember'> | SlicedWrite;
export type ReadMethod =
  | Method<
      | 'listStaged'
      | 'find'
      | 'findAnyCase'
      | 'findMany'
      | 'findManyAnyCase'
      | 'findById'
      | 'findByHashes'
      | 'countImages'
      | 'takeDue'
      | 'nextDueAt'
      | 'listDeliveries'
      | 'deliveriesOf'
      | 'summarize'
      | 'recall'
    >
  | SlicedRead;
export type CatalogMethod = WriteMethod | ReadMethod;

export type Arguments<M extends CatalogMethod> = Parameters<Catalog[M]>;
export type Answer<M extends CatalogMethod> = Awaited<ReturnType<Catalog[M]>>;
type Item<M extends CatalogMethod> = Answer<M> extends readonly (infer T)[] ? T : never;

/** One slice of a long call: what it found, and where the next one goes on; null when it was the last. */
export interface Slice<T> {
  readonly items: readonly T[];
  readonly next: Cursor | null;
}
/** Where a slice begins; null for the first one. */
export type Cursor = string | number;

export type Handlers<M extends CatalogMethod> = { readonly [K in M]: (...args: Arguments<K>) => Answer<K> };
export type SliceHandlers<M extends CatalogMethod> = {
  readonly [K in M]: (cursor: Cursor | null, ...args: Arguments<K>) => Slice<Item<K>>;
};

export interface WorkerSettings {
  /** `history`: no catalog at all, in a monitor that runs without an agent. */
  readonly role: 'writer' | 'reader' | 'history';
  readonly file: string;
  /** Ledger rows of other servers are deleted at start. */
  readonly peers: readonly string[];
}

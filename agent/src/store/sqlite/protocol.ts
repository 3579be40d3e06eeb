import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Catalog } from '../catalog.ts';

/** What the threads of the catalog say to each other. Both sides send lists, so that one message carries many calls. */
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

export interface Call {
  readonly id: number;
  readonly method: CatalogMethod;
  readonly args: readonly unknown[];
}
export type Request =
  | { readonly kind: 'open'; readonly settings: WorkerSettings }
  | { readonly kind: 'calls'; readonly calls: readonly Call[] }
  | { readonly kind: 'close' };

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly cause: string | undefined;
}
export type Reply =
  | { readonly id: number; readonly value: unknown }
  /** Items of a sliced call; more follow, or a `value` that ends it. */
  | { readonly id: number; readonly part: readonly unknown[] }
  | { readonly id: number; readonly error: WireError };
export type Response =
  | { readonly kind: 'ready'; readonly serverId: string }
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] };

export interface WorkerSettings {
  readonly role: 'writer' | 'reader';
  readonly file: string;
  /** Ledger rows of other servers are deleted at start. */
  readonly peers: readonly string[];
}

export function toWire(error: FleetError): WireError {
  const cause = error.cause instanceof Error ? String(error.cause) : undefined;
  return { code: error.code, message: error.message, hint: error.hint, cause };
}

export function fromWire({ code, message, hint, cause }: WireError): FleetError {
  return new FleetError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  });
}

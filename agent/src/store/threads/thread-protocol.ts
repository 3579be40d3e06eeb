import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** What the agent and its threads say to each other. Both sides send lists, so that one message carries many calls. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
export type Request =
  | { readonly kind: 'open'; readonly settings: unknown }
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
  | { readonly kind: 'ready'; readonly greeting: string }
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] };

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

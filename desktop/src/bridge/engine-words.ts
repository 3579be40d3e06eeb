import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';

/**
 * `queued` also waits for its next try; `inDoubt`: it was being sent when the engine ended, and the fleet has to be asked
 * whether it arrived; `present`: the fleet has these bytes already, nothing was sent.
 */
export const ITEM_STATES = [
  'queued',
  'hashing',
  'uploading',
  'inDoubt',
  'done',
  'present',
  'failed',
  'paused',
  'cancelled',
] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** Codes about the file on the operator's own disk; no server knows of them. */
export const FILE_FAILURE_CODES = ['FILE_MISSING', 'FILE_UNREADABLE', 'FILE_CHANGED'] as const;
export type FileFailureCode = (typeof FILE_FAILURE_CODES)[number];
export type FailureCode = ErrorCode | FileFailureCode;

/** So many files are changed by one call at most: more rows in one transaction would keep the event loop too long. */
export const MAX_CHANGES = 2000;

/**
 * Why something is not added. `loop`: a link that leads back to a folder it lies in; `entered`: a folder that was reached by
 * another way before; `vanished`: it was there a moment ago, or a link leads to nothing; `badName`: the name is no Unicode,
 * and no string leads to it.
 */
export const PASS_REASONS = [
  'notImage',
  'excluded',
  'unreadable',
  'vanished',
  'loop',
  'entered',
  'notFile',
  'tooDeep',
  'badName',
] as const;
export type PassReason = (typeof PASS_REASONS)[number];

/**
 * What an upload would do with a file. `new`: its bytes would go out; `present`: the fleet has them; `twin`: they stand in what
 * was given before, and go out once; `alreadyQueued`: it waits in the queue. Servers would refuse what is `unsupported`, which
 * the first bytes tell and not the name, `empty` or `tooLarge`. The rest cannot be read: `vanished` is gone, `changed`
 * is still being written.
 */
export const FILE_CLASSES = [
  'new',
  'present',
  'twin',
  'alreadyQueued',
  'unsupported',
  'empty',
  'tooLarge',
  'unreadable',
  'vanished',
  'changed',
] as const;
export type FileClass = (typeof FILE_CLASSES)[number];

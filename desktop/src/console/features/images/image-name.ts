import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';

export type ImageEntry = OperatorOutput<'listImages'>['images'][number];

/** As people know it: the name that it was sent under, else the last part of its path. */
export function nameOf({ originalName, path }: Pick<ImageEntry, 'originalName' | 'path'>): string {
  return originalName === '' ? (path.split('/').at(-1) ?? path) : originalName;
}

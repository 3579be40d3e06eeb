import type { ServerAddress } from '../address/server-address.ts';

export const REACH_ANSWERS = ['reached', 'unreached', 'cannotSay'] as const;

/**
 * What a witness says when it is asked to connect to a server. `cannotSay` is no vote: the server is none of those it
 * knows, or it cannot try, as without a free descriptor.
 */
export type ReachAnswer = (typeof REACH_ANSWERS)[number];

/** Addresses in one question. */
export const MAX_REACH_ADDRESSES = 256;

/** The same for every way to write an address that DNS takes for the same. */
export function addressKey({ host, port }: ServerAddress): string {
  return `${host.toLowerCase().replace(/\.$/, '')} ${String(port)}`;
}

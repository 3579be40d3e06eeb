import { z } from 'zod';
import { ROLES } from '../operator/operator-api.ts';
import { parseHostPort } from './host-port.ts';
import { parseListenAddress } from './listen-address.ts';

/** Values that more than one configuration has. */

/** Letters of every script, and spaces inside: the old program let servers be called anything. */
export const label = z
  .string()
  .regex(
    /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._ -]{0,61}[\p{L}\p{M}\p{N}._-])?$/u,
    'expected letters, digits, dot, dash, underscore and inner spaces, beginning with a letter or digit, at most 63',
  );
export const secret = z.string('expected text; put a key of digits in quotes').min(1, 'is empty');
export const path = z.string().min(1, 'is empty');
export const namedKey = z.strictObject({ name: z.string().min(1), key: secret, roles: z.array(z.enum(ROLES)).min(1) });

/** Where a program listens: host:port; port 0 takes a free one. */
export const listenAddress = z
  .string('expected host:port')
  .refine((text) => parseListenAddress(text) !== undefined, 'expected host:port with a port up to 65535');

/** Where a program is reached: host:port, IPv6 in brackets. */
export const hostPort = z
  .string('expected host:port')
  .refine(
    (text) => parseHostPort(text) !== undefined,
    'expected host:port with a port from 1 to 65535, IPv6 in brackets',
  );

/** May have a query, as the addresses of chat services carry their token there. */
export const hookUrl = z
  .url({ protocol: /^https?$/, error: 'expected an address that begins with http:// or https://' })
  .refine(hasNoCredentials, 'must not contain a user name or password');

export const httpUrl = hookUrl.refine((text) => !/[?#]/.test(text), 'must not contain a query (?) or fragment (#)');

/** Start of another server's address, without a path. */
export const serverUrl = httpUrl.refine((text) => !/^https?:\/\/[^/?#]*\/[^?#]/i.test(text), 'must not contain a path');

/** Timers overflow after 24 days and would fire at once, without end. */
export const LONGEST_TIMER = '24d';

function hasNoCredentials(text: string): boolean {
  return !/^[a-z]+:\/\/[^/?#]*@/i.test(text);
}

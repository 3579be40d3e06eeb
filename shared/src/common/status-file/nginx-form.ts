import { formatHostPort, readHost } from '../address/server-address.ts';
import { FleetError } from '../errors/fleet-error.ts';
import { formatMark, parseMark } from './content-mark.ts';
import type { DecodedStatusFile, DecodedStatusServer } from './decode-status-file.ts';
import { nginxTokens } from './nginx-tokens.ts';
import { type StatusContent } from './status-content.ts';

/** nginx refuses a block without a server. Nothing can listen at this address, and nobody watches it. */
const PLACEHOLDER = '0.0.0.0:1';
/** nginx reads a weight into an int and adds them up. */
const MAX_WEIGHT = 100_000;
/** nginx's own default. */
const DEFAULT_PORT = 80;

/**
 * An `upstream` block. A server that is offline stays in it, marked `down`: then keys of `hash … consistent` and cookies
 * keep their servers. With all of them down, or none at all, nginx takes the block and answers 502.
 */
export function encodeNginx(content: StatusContent, upstream: string): string {
  const scale = content.servers.every(({ weight }) => Number.isInteger(weight)) ? 1 : 1000;
  const lines = content.servers.map((server) => {
    const weight = Math.min(MAX_WEIGHT, Math.max(1, Math.round(server.weight * scale)));
    return `    server ${nginxToken(formatHostPort(server))} weight=${String(weight)}${server.online ? '' : ' down'};`;
  });
  return [
    `# ${formatMark(content)}`,
    `upstream ${nginxToken(upstream)} {`,
    ...(lines.length === 0 ? [`    server ${PLACEHOLDER} down;`] : lines),
    '}\n',
  ].join('\n');
}

/** Reads such a block back; other directives in it, and blocks without a server, are passed over. */
export function decodeNginx(text: string): DecodedStatusFile {
  const comments: string[] = [];
  const statements = nginxTokens(text, (comment) => comments.push(comment));
  const [keyword, upstream, ...rest] = statements[0]?.words ?? [];
  if (keyword !== 'upstream' || upstream === undefined || rest.length > 0 || statements[0]?.end !== '{') {
    throw invalid('it does not begin with an upstream block');
  }
  const close = statements.findIndex(({ end }) => end === '}');
  if (close < 0) throw invalid('its upstream block has no end');
  if (close !== statements.length - 1 || statements[close]?.words.length !== 0) {
    throw invalid('there is more in it than one upstream block');
  }
  const servers: DecodedStatusServer[] = [];
  for (const { words, end } of statements.slice(1, close)) {
    if (end !== ';') throw invalid('there is a block inside its upstream block');
    const server = words[0] === 'server' ? readServer(words.slice(1)) : undefined;
    if (server !== undefined) servers.push(server);
  }
  const mark = comments.map(parseMark).find((found) => found !== undefined);
  return { format: 'nginx', upstream, servers, generation: mark?.generation ?? null, at: mark?.at ?? null };
}

function readServer([address = '', ...parameters]: readonly string[]): DecodedStatusServer | undefined {
  if (address === PLACEHOLDER || address.startsWith('unix:')) return undefined;
  const [, host = '', digits] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/s.exec(address) ?? [];
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  const weight = parameters.find((parameter) => parameter.startsWith('weight='))?.slice('weight='.length) ?? '1';
  if (host === '' || port < 1 || port > 65_535) throw invalid(`"${address}" is no host and port`);
  if (!/^[1-9]\d{0,8}$/.test(weight)) throw invalid(`"${weight}" is no weight`);
  return { host: readHost(host), port, online: !parameters.includes('down'), weight: Number(weight) };
}

function nginxToken(text: string): string {
  if (/^[\w.:[\]-]+$/.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`;
}

function invalid(why: string): FleetError {
  return new FleetError('STATUS_FILE_INVALID', `this is no status file in nginx's form: ${why}`);
}

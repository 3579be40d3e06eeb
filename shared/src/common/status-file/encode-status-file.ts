import { formatHostPort, writtenHost } from '../address/server-address.ts';
import { FleetError } from '../errors/fleet-error.ts';
import { formatMark } from './content-mark.ts';
import { encodeNginx } from './nginx-form.ts';
import { type StatusContent, type StatusForm, type StatusServer } from './status-content.ts';

/** No white space, no controls, nothing that is no character: then each form can carry it, and a reader's eye too. */
const PLAIN_HOST = /^[^\p{C}\p{Z}[\]]{1,255}$/u;

/**
 * The text of a status file. Throws STATUS_HOST_INVALID for a host that is none, and STATUS_HOST_TWICE for two ports of
 * one host in the form for ASP.NET.
 */
export function encodeStatusFile(content: StatusContent, form: StatusForm): string {
  const odd = content.servers.find(({ host }) => !PLAIN_HOST.test(host));
  if (odd !== undefined) {
    throw new FleetError('STATUS_HOST_INVALID', `${JSON.stringify(odd.host)} is no host that a status file can name`);
  }
  switch (form.format) {
    case 'aspnet':
      return encodeAspnet(content);
    case 'json':
      return encodeJson(content);
    case 'nginx':
      return encodeNginx(content, form.upstream ?? 'imagefleet');
  }
}

/** Of a list of servers those two that ASP.NET cannot tell apart, as it knows them by their host alone. */
export function aspnetClash<T extends { readonly host: string }>(servers: readonly T[]): readonly [T, T] | undefined {
  const seen = new Map<string, T>();
  for (const server of servers) {
    const other = seen.get(server.host);
    if (other !== undefined) return [other, server];
    seen.set(server.host, server);
  }
  return undefined;
}

/**
 * The section that the old applications read. ASP.NET refuses the whole file, and with it every request, for any name or
 * attribute more; only a comment is free. No declaration: ASP.NET reads UTF-8 without one.
 */
function encodeAspnet(content: StatusContent): string {
  const clash = aspnetClash(content.servers);
  if (clash !== undefined) {
    const [one, other] = clash;
    throw new FleetError(
      'STATUS_HOST_TWICE',
      `${formatHostPort(one)} and ${formatHostPort(other)} cannot both stand in a status file for ASP.NET, which knows servers by host`,
    );
  }
  return [
    '<SessionStateServers>',
    `  <!-- ${formatMark(content)} -->`,
    '  <Servers>',
    ...content.servers.map((server) => `    ${aspnetLine(server)}`),
    '  </Servers>',
    '</SessionStateServers>\n',
  ].join('\n');
}

/** IPv6 in brackets, since the old resolver puts host, colon and port together as they stand here. */
function aspnetLine({ host, port, online }: StatusServer): string {
  return `<add Host="${escapeXml(writtenHost(host))}" Port="${String(port)}" Online="${String(online)}" />`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** One server a line, so that people see at a glance what differs. */
function encodeJson({ generation, servers }: StatusContent): string {
  const lines = servers.map(({ host, port, online, state, weight }) => {
    const fields = Object.entries({ host, port, online, state, weight });
    return `    { ${fields.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(', ')} }`;
  });
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  return `{\n  "generation": ${String(generation)},\n  "servers": ${list}\n}\n`;
}

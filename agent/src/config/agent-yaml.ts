import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import type { AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import { formatDuration, formatSize } from '@imagefleet/shared/common/config/units.ts';

/** A sentence above each setting, by its place. */
const COMMENTS: Readonly<Record<string, string>> = {
  name: 'A label, the same in every peer’s list.',
  listen: 'host:port. 127.0.0.1 is this machine only; 0.0.0.0 is every network.',
  publicUrl: 'Start of every link.',
  dataDir: 'Catalog, tmp and trash; on the file system of the images.',
  imagesDir: 'The images: yyyy/M/d/<uuid>.<ext>',
  logDir: 'One file of failures a day.',
  timeZone: 'Decides the day in generated paths. Without it: the server’s own.',
  securityKey: 'This server’s key: uploads, operators and peers show it. At least 16 random characters.',
  peerKey: 'What peers show in its place, as peerKey of this server in their own lists.',
  keys: 'Further keys, each with its roles: upload, operator, read.',
  peers: 'The other servers; securityKey (or peerKey) is the one in their own configuration.',
  limits: 'What one request may be.',
  'limits.freeSpaceFloor': 'With less free space uploads are refused, before the disk is full.',
  replication: 'How copies go out to the peers.',
  monitor: 'How servers are watched, and who is told.',
  'monitor.interval':
    'From the start of one probe to the start of the next; fastInterval while the verdict is in doubt.',
  'monitor.fall': 'Failures in a row that make a server down.',
  'monitor.warmUp': 'How long a server must stay reachable before it is up.',
  'replication.autoRetry': 'false: what failed goes out only by replay, as in the old program.',
};

/**
 * The configuration as the text of an agent.yaml that reads back to the same: every setting, with a comment on what it
 * does. Holds the keys, so it belongs into a file that only its owner can read.
 */
export function toAgentYaml(config: AgentConfig): string {
  const { limits, replication, monitor } = config;
  const document = new Document({
    name: config.name,
    listen: config.listen,
    publicUrl: config.publicUrl,
    dataDir: config.dataDir,
    ...(config.imagesDir === undefined ? {} : { imagesDir: config.imagesDir }),
    ...(config.logDir === undefined ? {} : { logDir: config.logDir }),
    ...(config.timeZone === undefined ? {} : { timeZone: config.timeZone }),
    ...(config.securityKey === undefined ? {} : { securityKey: config.securityKey }),
    ...(config.peerKey === undefined ? {} : { peerKey: config.peerKey }),
    ...(config.keys.length === 0 ? {} : { keys: config.keys }),
    peers: config.peers,
    limits: {
      ...limits,
      fileSize: formatSize(limits.fileSize),
      freeSpaceFloor: formatSize(limits.freeSpaceFloor),
    },
    replication: {
      ...replication,
      backoff: { first: formatDuration(replication.backoff.first), cap: formatDuration(replication.backoff.cap) },
      replayEvery: formatDuration(replication.replayEvery),
      trashPeriod: formatDuration(replication.trashPeriod),
      verifyEvery: formatDuration(replication.verifyEvery),
    },
    monitor: {
      ...monitor,
      interval: formatDuration(monitor.interval),
      fastInterval: formatDuration(monitor.fastInterval),
      timeout: formatDuration(monitor.timeout),
      warmUp: formatDuration(monitor.warmUp),
      servers: monitor.servers.map(toServer),
      hooks: monitor.hooks.map((hook) => ({ ...hook, timeout: formatDuration(hook.timeout) })),
    },
  });
  document.commentBefore = ' Configuration of an Imagefleet agent. Start it with: imagefleet agent --config agent.yaml';
  if (isMap(document.contents)) addComments(document.contents, '');
  return document.toString({ lineWidth: 0 });
}

function addComments(map: YAMLMap, prefix: string): void {
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue;
    const place = `${prefix}${String(key.value)}`;
    const comment = COMMENTS[place];
    if (comment !== undefined) key.commentBefore = ` ${comment}`;
    if (comment !== undefined && prefix === '' && place !== 'name') key.spaceBefore = true;
    if (isMap(value)) addComments(value, `${place}.`);
  }
}

function toServer({ http, ...server }: AgentConfig['monitor']['servers'][number]): object {
  if (http === undefined) return server;
  const { statuses, ...rest } = http;
  const ranges = statuses?.map(({ from, to }) => `${String(from)}-${String(to)}`);
  return { ...server, http: { ...rest, ...(ranges === undefined ? {} : { statuses: ranges }) } };
}

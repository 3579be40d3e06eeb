import { join } from 'node:path';
import type { FleetSnapshot, ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { DecodedStatusFile } from '@imagefleet/shared/common/status-file/decode-status-file.ts';

const SERVER_COUNT = 12;

/** One file of each form, in one folder. */
export const STATUS_NAMES = ['web.xml', 'web.json', 'web.conf'] as const;

export function statusSettings(folder: string) {
  const formats = ['aspnet', 'json', 'nginx'] as const;
  return STATUS_NAMES.map((name, index) => ({ path: join(folder, name), format: formats[index] ?? 'json' }));
}

/** A snapshot that its generation alone decides, so that a reader knows what has to stand in it. No two in a row are alike. */
export function snapshotOfTurn(generation: number): FleetSnapshot {
  const servers = Array.from({ length: SERVER_COUNT }, (_, index) => {
    const host = `s${String(index).padStart(2, '0')}.example`;
    const state: ServerState = isUp(generation, index) ? 'up' : 'down';
    return { name: host, host, port: 42_424, state, weight: 1 };
  });
  return { generation, at: Date.now(), servers };
}

/** What is wrong with a file that was read; undefined when it is one whole generation. */
export function wrongTurn({ generation, servers }: DecodedStatusFile): string | undefined {
  if (generation === null) return 'it has no generation';
  if (servers.length !== SERVER_COUNT) return `generation ${String(generation)} has ${String(servers.length)} servers`;
  const wrong = servers.findIndex(({ online }, index) => online !== isUp(generation, index));
  return wrong < 0 ? undefined : `generation ${String(generation)} is mixed: server ${String(wrong)}`;
}

/** The first server turns every time, the others by a mix of the generation's bits. */
function isUp(generation: number, index: number): boolean {
  if (index === 0) return generation % 2 === 1;
  return (Math.imul(generation, 0x9e3779b1) >>> index) % 2 === 1;
}

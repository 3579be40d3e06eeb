import { FleetError } from '../errors/fleet-error.ts';
import { decodeStatusFile } from './decode-status-file.ts';
import { encodeStatusFile } from './encode-status-file.ts';
import type { StatusContent, StatusForm } from './status-content.ts';

/**
 * The generation under which a text already says exactly what `content` is to say in this form; undefined when it says
 * something else, or says it in another way. The time and the states at which it was said do not count.
 */
export function keptGeneration(text: string, content: StatusContent, form: StatusForm): number | undefined {
  try {
    const { generation, at, servers } = decodeStatusFile(text);
    if (generation === null) return undefined;
    const asFound: StatusContent = {
      generation,
      at: at ?? content.at,
      servers: content.servers.map((server, index) => ({ ...server, state: servers[index]?.state ?? server.state })),
    };
    return encodeStatusFile(asFound, form) === text ? generation : undefined;
  } catch (error) {
    if (error instanceof FleetError) return undefined;
    throw error;
  }
}

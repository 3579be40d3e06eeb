import { FleetError } from '../errors/fleet-error.ts';

export interface DecodedStatusServer {
  readonly host: string;
  readonly port: number;
  readonly online: boolean;
  readonly weight: number;
}

export interface DecodedStatusFile {
  /** In the order of the file. */
  readonly servers: readonly DecodedStatusServer[];
  readonly generation: number | null;
}

/** Reads a status file; its form is recognised by the content. Throws STATUS_FILE_INVALID. */
export function decodeStatusFile(text: string): DecodedStatusFile {
  const content = text.replace(/^\uFEFF/, '').trim();
  try {
    if (content.startsWith('{')) return JSON.parse(content) as DecodedStatusFile;
    if (!/^<SessionStateServers>[^]*<\/SessionStateServers>$/.test(content)) throw new Error('it has another form');
    const servers = [...content.matchAll(/<add Host="([^"]*)" Port="(\d+)" Online="(true|false)" \/>/gi)];
    return {
      servers: servers.map(([, host = '', port, online]) => ({
        host,
        port: Number(port),
        online: online?.toLowerCase() === 'true',
        weight: 1,
      })),
      generation: null,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FleetError('STATUS_FILE_INVALID', `this is no status file: ${why}`, { cause: error });
  }
}

import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';

const HOST = '127.0.0.1';

/** One agent of a local fleet. */
export interface AgentSeat {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly configFile: string;
  readonly logFile: string;
}

/** s1, s2, … on consecutive ports, each in its own folder. */
export function layOutFleet(options: {
  readonly agents: number;
  readonly basePort: number;
  readonly dataDir: string;
}): readonly AgentSeat[] {
  return Array.from({ length: options.agents }, (_unused, index) => {
    const name = `s${String(index + 1)}`;
    const port = options.basePort + index;
    const folder = join(options.dataDir, name);
    return {
      name,
      port,
      url: `http://${HOST}:${String(port)}`,
      folder,
      configFile: join(folder, 'agent.yaml'),
      logFile: join(folder, 'agent.log'),
    };
  });
}

/** Writes agent.yaml of every seat, each with all the others as its peers. They hold the key: only the owner reads them. */
export async function writeAgentConfigs(seats: readonly AgentSeat[], key: string): Promise<void> {
  for (const seat of seats) {
    const peers = seats
      .filter((other) => other !== seat)
      .map((other) => ({ name: other.name, url: other.url, securityKey: key }));
    const config = {
      name: seat.name,
      listen: `${HOST}:${String(seat.port)}`,
      publicUrl: seat.url,
      dataDir: '.',
      securityKey: key,
      peers,
    };
    await mkdir(seat.folder, { recursive: true });
    const comment = '# Written by "imagefleet fleet" at each start; changes here are lost.\n';
    await writeFileAtomically(seat.configFile, comment + stringify(config), { mode: 0o600 });
  }
}

/** The first seat whose port somebody else has, or undefined. */
export async function findTakenPort(seats: readonly AgentSeat[]): Promise<number | undefined> {
  for (const seat of seats) if (!(await isFree(seat.port))) return seat.port;
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: HOST, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { createFleetClient, trimServer, type FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import type { CliContext } from './cli-context.ts';
import { readFleetFile } from './fleet-file.ts';
import type { Texts } from './language.ts';

const DEFAULT_SERVER = 'http://127.0.0.1:7401';
const LOCAL_DATA = 'data';

export interface AccessOptions {
  readonly server?: readonly string[];
  readonly key?: string;
  readonly json?: boolean;
}

export interface ServerAccess {
  /** At least one; later ones are fall-backs. */
  readonly servers: readonly [string, ...string[]];
  readonly key: string | undefined;
}

interface AccessTexts {
  readonly server: string;
  readonly key: string;
  readonly json: string;
  readonly localKey: (file: string) => string;
}

const TEXTS: Texts<AccessTexts> = {
  en: {
    server: 'address of an agent, http://host:port (or IMAGEFLEET_SERVER; default http://127.0.0.1:7401)',
    key: 'its security key (or IMAGEFLEET_KEY; default: the key of the local fleet in ./data)',
    json: 'one JSON document on standard output',
    localKey: (file) => `using the key of the local fleet (${file})`,
  },
  zh: {
    server: '节点地址，http://主机:端口（或 IMAGEFLEET_SERVER，默认 http://127.0.0.1:7401）',
    key: '它的安全密钥（或 IMAGEFLEET_KEY，默认用 ./data 中本机机群的密钥）',
    json: '在标准输出给出一个 JSON 文档',
    localKey: (file) => `使用本机机群的密钥（${file}）`,
  },
};

/** Adds --server, --key and --json. */
export function withAccess(command: Command, context: CliContext): Command {
  const texts = TEXTS[context.language];
  return command
    .option('--server <url>', texts.server, (url: string, earlier: readonly string[] | undefined) => [
      ...(earlier ?? []),
      url,
    ])
    .option('--key <key>', texts.key)
    .option('--json', texts.json);
}

/** Where to ask and with which key: options, then environment, then the local fleet. A malformed address is CFG_INVALID. */
export async function resolveAccess(options: AccessOptions, context: CliContext): Promise<ServerAccess> {
  const named = options.server ?? nonEmpty(context.env['IMAGEFLEET_SERVER'])?.split(',') ?? [DEFAULT_SERVER];
  const [first = DEFAULT_SERVER, ...others] = named.map(checkServer);
  const key = options.key ?? nonEmpty(context.env['IMAGEFLEET_KEY']);
  if (key !== undefined) return { servers: [first, ...others], key };
  const local = await readFleetFile(resolve(context.cwd, LOCAL_DATA));
  // The key of the local fleet must not be sent to somebody else's server.
  const isLocal = local !== undefined && [first, ...others].every((server) => isLoopback(server));
  if (isLocal && options.json !== true) context.err(TEXTS[context.language].localKey(`${LOCAL_DATA}/fleet.json`));
  return { servers: [first, ...others], key: isLocal ? local.key : undefined };
}

/** Asks servers in turn: the first that can be reached answers. */
export interface FirstServer {
  ask<T>(ask: (client: FleetClient) => Promise<T>): Promise<T>;
  /** Closes the connections that are kept for the next question. */
  close(): void;
}

/** For many questions. `signal` cancels them. */
export function openFirst({ servers, key }: ServerAccess, signal?: AbortSignal): FirstServer {
  const clients = servers.map((server) =>
    createFleetClient({ server, key, ...(signal === undefined ? {} : { signal }) }),
  );
  return {
    ask: async (ask) => {
      let failure: unknown;
      for (const client of clients) {
        try {
          return await ask(client);
        } catch (error) {
          signal?.throwIfAborted();
          if (!(error instanceof FleetError && (error.code === 'PEER_UNREACHABLE' || error.code === 'PEER_TIMEOUT'))) {
            throw error;
          }
          failure ??= error;
        }
      }
      throw failure;
    },
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

/** For one question. */
export async function askFirst<T>(access: ServerAccess, ask: (client: FleetClient) => Promise<T>): Promise<T> {
  const first = openFirst(access);
  try {
    return await first.ask(ask);
  } finally {
    first.close();
  }
}

function checkServer(text: string): string {
  const server = trimServer(text);
  if (!/^https?:\/\/[^/\s?#]+$/.test(server) || !URL.canParse(server)) {
    throw new FleetError('CFG_INVALID', `--server ${text} is not an address`, {
      hint: 'Write it as http://host:port, without a path.',
    });
  }
  return server;
}

function isLoopback(server: string): boolean {
  const { hostname } = new URL(server);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { legacyCandidates, legacyConnection, resolveLegacy } from '@imagefleet/shared/common/resolver/legacy.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import { type ResolvableServer } from '@imagefleet/shared/common/resolver/resolvable-server.ts';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { ExitWith, type CliContext } from './cli-context.ts';
import { keyLines } from './key-lines.ts';
import { readStatusFile } from './read-status-file.ts';
import { RESOLVE_TEXTS } from './resolve-texts.ts';

const MODES = ['rendezvous', 'legacy'] as const;
const STANDARD_INPUT = '-';

interface ResolveOptions {
  readonly statusFile: string;
  readonly mode: (typeof MODES)[number];
  readonly keysFrom?: string;
  readonly json?: boolean;
}

/** What a mode answers to one key; in both, the first of all is the one. */
interface Answers {
  first(key: string): ResolvableServer | undefined;
  all(key: string): readonly ResolvableServer[];
  format(server: ResolvableServer | undefined): string;
}

export function resolveCommand(context: CliContext): Command {
  const texts = RESOLVE_TEXTS[context.language];
  return new Command('resolve')
    .description(texts.description)
    .argument('[keys...]', texts.keys)
    .requiredOption('--status-file <file>', texts.statusFile)
    .addOption(new Option('--mode <mode>', texts.mode).choices(MODES).default('rendezvous'))
    .option('--keys-from <file>', texts.keysFrom)
    .option('--json', texts.json)
    .addHelpText('after', texts.after)
    .action(async (keys: readonly string[], options: ResolveOptions) => {
      if (keys.length > 0 === (options.keysFrom !== undefined)) {
        context.err(`imagefleet resolve: ${texts.usage}`);
        throw new ExitWith(2);
      }
      await resolveKeys(keys, options, context);
    });
}

async function resolveKeys(keys: readonly string[], options: ResolveOptions, context: CliContext): Promise<void> {
  const texts = RESOLVE_TEXTS[context.language];
  // Read once: all keys of one call are answered from one generation.
  const { servers } = await readStatusFile(resolve(context.cwd, options.statusFile));
  const answers = options.mode === 'legacy' ? legacyAnswers(servers) : rendezvousAnswers(servers);
  let keyCount = 0;
  let withoutServer = 0;
  for await (const batch of batchesOf(keys, options, context)) {
    const lines = batch.map((key) => {
      const server = answers.first(key);
      keyCount += 1;
      if (server === undefined) withoutServer += 1;
      return options.json === true ? jsonLine(key, answers.all(key)) : answers.format(server);
    });
    context.out(lines.join('\n'));
  }
  if (withoutServer === 0) return;
  const isAnyoneOnline = servers.some((server) => server.online);
  context.err(
    isAnyoneOnline
      ? texts.noServer(formatCount(withoutServer), formatCount(keyCount))
      : texts.nobodyOnline(formatCount(servers.length)),
  );
  throw new ExitWith(1);
}

async function* batchesOf(
  keys: readonly string[],
  { keysFrom }: ResolveOptions,
  context: CliContext,
): AsyncGenerator<readonly string[]> {
  if (keysFrom === undefined) yield keys;
  else if (keysFrom === STANDARD_INPUT) yield* keyLines(context.input());
  else yield* keyLines(openKeys(keysFrom, context));
}

async function* openKeys(file: string, context: CliContext): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(resolve(context.cwd, file))) yield chunk as Buffer;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.err(`imagefleet resolve: ${RESOLVE_TEXTS[context.language].unreadableKeys(file, why)}`);
    throw new ExitWith(2);
  }
}

function rendezvousAnswers(servers: readonly ResolvableServer[]): Answers {
  const resolver = createResolver(servers);
  return {
    first: (key) => resolver.first(key),
    all: (key) => resolver.resolve(key),
    format: (server) => (server === undefined ? '' : formatHostPort(server)),
  };
}

function legacyAnswers(servers: readonly ResolvableServer[]): Answers {
  return {
    first: (key) => resolveLegacy(key, servers),
    all: (key) => legacyCandidates(key, servers),
    format: legacyConnection,
  };
}

function jsonLine(key: string, candidates: readonly ResolvableServer[]): string {
  return JSON.stringify({ key, candidates: candidates.map(({ host, port }) => ({ host, port })) });
}

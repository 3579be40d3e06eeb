import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { askFirst, resolveAccess, withAccess, type AccessOptions } from './server-access.ts';
import { whyLines } from './why-report.ts';
import { WHY_TEXTS } from './why-texts.ts';

export function whyCommand(context: CliContext): Command {
  const texts = WHY_TEXTS[context.language];
  return withAccess(new Command('why'), context)
    .description(texts.description)
    .argument('<server>', texts.server)
    .addHelpText('after', texts.after)
    .action(async (name: string, options: AccessOptions) => {
      const access = await resolveAccess(options, context);
      const verdict = await askFirst(access, (client) => client.explainServer({ name }));
      if (options.json === true) context.out(JSON.stringify(verdict));
      else for (const line of whyLines(verdict, context.language, context.now())) context.out(line);
    });
}

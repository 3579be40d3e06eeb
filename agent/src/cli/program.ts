import { Command, CommanderError } from 'commander';
import { ExitWith, type CliContext } from './cli-context.ts';
import type { Texts } from './language.ts';
import { reportError } from './report-error.ts';
import { usageSentence } from './usage-errors.ts';

interface ProgramTexts {
  readonly description: string;
  readonly help: string;
  readonly helpCommand: string;
  readonly version: string;
  readonly lang: string;
  readonly seeHelp: string;
  readonly titles: Readonly<Record<string, string>>;
  readonly after: string;
}

const TEXTS: Texts<ProgramTexts> = {
  en: {
    description: 'Keeps every image of a web site alive on every image server, all the time.',
    help: 'show help',
    helpCommand: 'show help for a command',
    version: 'print the version',
    lang: 'language of the messages: en or zh-CN (default: from LC_ALL or LANG)',
    seeHelp: 'See "imagefleet --help", or "imagefleet COMMAND --help".',
    titles: {},
    after: `
The first minute:
  $ imagefleet fleet --agents 3              three agents on this machine; leave it running
  $ imagefleet upload ~/Pictures             send a folder to one of them
  $ imagefleet status                        see it arrive on all three

Where --server and --key are missing, IMAGEFLEET_SERVER and IMAGEFLEET_KEY are read, then
http://127.0.0.1:7401 and the key of the local fleet in ./data are taken.
Exit codes: 0 fine, 1 something failed, 2 wrong usage or configuration.`,
  },
  zh: {
    description: '让网站的每一张图片始终保存在每一台图片服务器上。',
    help: '显示帮助',
    helpCommand: '显示某个命令的帮助',
    version: '显示版本号',
    lang: '提示信息的语言：en 或 zh-CN（默认取自 LC_ALL 或 LANG）',
    seeHelp: '请看 "imagefleet --help" 或 "imagefleet 命令 --help"。',
    titles: { 'Usage:': '用法：', 'Options:': '选项：', 'Commands:': '命令：', 'Arguments:': '参数：' },
    after: `
第一分钟：
  $ imagefleet fleet --agents 3              在本机启动三个节点，保持运行
  $ imagefleet upload ~/Pictures             把一个文件夹上传到其中一个
  $ imagefleet status                        看它们出现在全部三台上

没有给出 --server 和 --key 时，先读 IMAGEFLEET_SERVER 和 IMAGEFLEET_KEY，
再取 http://127.0.0.1:7401 和 ./data 中本机机群的密钥。
退出码：0 正常，1 有失败，2 用法或配置错误。`,
  },
};

/** Loaded only when asked for: an agent that also held the clients of the other commands would cost 60 MB more. */
const LOADERS = {
  fleet: async (context: CliContext) => (await import('./fleet-command.ts')).fleetCommand(context),
  agent: async (context: CliContext) => (await import('./agent-command.ts')).agentCommand(context),
  upload: async (context: CliContext) => (await import('./upload-command.ts')).uploadCommand(context),
  status: async (context: CliContext) => (await import('./status-command.ts')).statusCommand(context),
  errors: async (context: CliContext) => (await import('./errors-command.ts')).errorsCommand(context),
  replay: async (context: CliContext) => (await import('./replay-command.ts')).replayCommand(context),
  verify: async (context: CliContext) => (await import('./verify-command.ts')).verifyCommand(context),
  monitor: async (context: CliContext) => (await import('./monitor-command.ts')).monitorCommand(context),
  console: async (context: CliContext) => (await import('./console-command.ts')).consoleCommand(context),
  why: async (context: CliContext) => (await import('./why-command.ts')).whyCommand(context),
  maintenance: async (context: CliContext) => (await import('./maintenance-command.ts')).maintenanceCommand(context),
  resolve: async (context: CliContext) => (await import('./resolve-command.ts')).resolveCommand(context),
  'import-legacy': async (context: CliContext) =>
    (await import('./import-legacy-command.ts')).importLegacyCommand(context),
} satisfies Record<string, (context: CliContext) => Promise<Command>>;

type CommandName = keyof typeof LOADERS;
const COMMAND_NAMES = Object.keys(LOADERS) as readonly CommandName[];

/** Runs one command line (without node and script) and returns the exit code. Never throws, never exits by itself. */
export async function runProgram(args: readonly string[], context: CliContext): Promise<number> {
  const isJson = args.includes('--json');
  try {
    const program = await buildProgram(args, context);
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ExitWith) return error.exitCode;
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      // Commander has already shown the help of a program that was called without a command.
      if (error.code !== 'commander.help') {
        context.err(`imagefleet: ${usageSentence(error, context.language)}`);
        context.err(TEXTS[context.language].seeHelp);
      }
      return 2;
    }
    return reportError(error, { context, isJson });
  }
}

async function buildProgram(args: readonly string[], context: CliContext): Promise<Command> {
  const texts = TEXTS[context.language];
  const program = new Command('imagefleet')
    .description(texts.description)
    .version(context.version, '-V, --version', texts.version)
    .option('--lang <name>', texts.lang)
    .addHelpText('after', texts.after);
  const commands = await Promise.all(namesToLoad(args).map((name) => LOADERS[name](context)));
  for (const command of commands) {
    program.addCommand(command.option('--lang <name>', texts.lang));
  }
  program.helpCommand('help [command]', texts.helpCommand);
  for (const command of [program, ...commands]) {
    command
      .helpOption('-h, --help', texts.help)
      .configureHelp({ styleTitle: (title) => texts.titles[title] ?? title, helpWidth: 110 })
      .configureOutput({
        writeOut: (text) => {
          context.out(text.replace(/\n$/, ''));
        },
        writeErr: (text) => {
          context.err(text.replace(/\n$/, ''));
        },
        // Said once, in the reader's language, by runProgram.
        outputError: () => undefined,
      })
      .exitOverride();
  }
  return program;
}

/** The one command that is called; all of them where the line does not begin with one, as for the help. */
function namesToLoad(args: readonly string[]): readonly CommandName[] {
  const called = COMMAND_NAMES.filter((name) => name === args[0]);
  return called.length > 0 ? called : COMMAND_NAMES;
}

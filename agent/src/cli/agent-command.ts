import { Command, Option } from 'commander';
import { ExitWith, type CliContext } from './cli-context.ts';
import type { Texts } from './language.ts';
import { ensureAgentEnvironment } from './process-environment.ts';
import { runService, type LoadedService, type ServiceOptions, type ServiceTexts } from './run-service.ts';

interface AgentTexts extends ServiceTexts {
  readonly description: string;
  readonly config: string;
  readonly webConfig: string;
  readonly listen: string;
  readonly json: string;
  readonly logLevel: string;
  readonly one: string;
  readonly after: string;
}

const TEXTS: Texts<AgentTexts> = {
  en: {
    description: 'run one agent: take uploads, serve images, copy them to the other servers',
    config: 'configuration, YAML or JSON (default: ./agent.yaml)',
    webConfig: 'configuration of the old upload program, read as it is',
    listen: 'address to listen on; overrides the configuration',
    json: 'nothing but JSON lines, the ready line too',
    logLevel: 'debug, info, warn or error',
    one: 'give --config or --web-config, not both',
    ready: (name, url) => `imagefleet agent ${name} ready on ${url}`,
    warning: (sentence) => `warning: ${sentence}`,
    stopping: 'stopping: finishing what is on its way (a second Ctrl-C stops at once)',
    stopLate: 'stopped before everything was finished; what is left goes out after the next start',
    startSlow: 'still starting: is the disk of dataDir slow, or not answering?',
    after: `
Examples:
  $ imagefleet agent --config agent.yaml
  $ imagefleet agent --web-config /srv/upload/web.config --listen 127.0.0.1:7401

The smallest agent.yaml:
  name: s1
  publicUrl: http://images.example.com
  securityKey: a-long-random-text
  peers:
    - { name: s2, url: "http://10.0.0.2:7401", securityKey: the-key-of-s2 }

Every setting can come from the environment too: IMAGEFLEET_LISTEN=0.0.0.0:7401,
IMAGEFLEET_LIMITS__FILESIZE=20MB. The log goes to standard output, one JSON object a line.`,
  },
  zh: {
    description: '运行一个节点：接收上传、提供图片、复制到其他服务器',
    config: '配置文件，YAML 或 JSON（默认 ./agent.yaml）',
    webConfig: '旧上传程序的配置，原样读取',
    listen: '监听地址，优先于配置文件',
    json: '只输出 JSON 行，就绪信息也是',
    logLevel: 'debug、info、warn 或 error',
    one: '--config 和 --web-config 只能给出一个',
    ready: (name, url) => `imagefleet 节点 ${name} 已就绪：${url}`,
    warning: (sentence) => `警告：${sentence}`,
    stopping: '正在停止：先完成手头的工作（再按一次 Ctrl-C 立即停止）',
    stopLate: '没等全部完成就停止了，剩下的会在下次启动后继续',
    startSlow: '还在启动：dataDir 所在的磁盘是否很慢，或者没有响应？',
    after: `
示例：
  $ imagefleet agent --config agent.yaml
  $ imagefleet agent --web-config /srv/upload/web.config --listen 127.0.0.1:7401

最小的 agent.yaml:
  name: s1
  publicUrl: http://images.example.com
  securityKey: 一段足够长的随机文字
  peers:
    - { name: s2, url: "http://10.0.0.2:7401", securityKey: s2的密钥 }

每一项设置也可以来自环境变量：IMAGEFLEET_LISTEN=0.0.0.0:7401、
IMAGEFLEET_LIMITS__FILESIZE=20MB。日志写到标准输出，每行一个 JSON。`,
  },
};

interface AgentOptions extends ServiceOptions {
  readonly config?: string;
  readonly webConfig?: string;
  readonly listen?: string;
}

export function agentCommand(context: CliContext): Command {
  const texts = TEXTS[context.language];
  return new Command('agent')
    .description(texts.description)
    .option('--config <file>', texts.config)
    .option('--web-config <file>', texts.webConfig)
    .option('--listen <host:port>', texts.listen)
    .addOption(
      new Option('--log-level <level>', texts.logLevel).choices(['debug', 'info', 'warn', 'error']).default('info'),
    )
    .option('--json', texts.json)
    .addHelpText('after', texts.after)
    .action(async (options: AgentOptions) => {
      if (options.config !== undefined && options.webConfig !== undefined) {
        context.err(`imagefleet agent: ${texts.one}`);
        throw new ExitWith(2);
      }
      ensureAgentEnvironment();
      await runService({ kind: 'agent', options, context, texts, load: () => load(options, context) });
    });
}

/** Nothing of it runs before the process has its environment. */
async function load(options: AgentOptions, context: CliContext): Promise<LoadedService> {
  const [{ loadConfig }, { consoleFolder }, { startAgent }] = await Promise.all([
    import('#config/load-config.ts'),
    import('#config/console-folder.ts'),
    import('#agent/compose.ts'),
  ]);
  const { config, warnings } = await loadConfig({
    file: options.config,
    webConfig: options.webConfig,
    listen: options.listen,
    env: context.env,
    cwd: context.cwd,
  });
  return {
    name: config.name,
    warnings,
    start: (logger, onFatal) =>
      startAgent({ config, logger, consoleDir: consoleFolder(), environment: context.env, onFatal }),
  };
}

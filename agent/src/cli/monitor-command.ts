import { Command, Option } from 'commander';
import type { CliContext } from './cli-context.ts';
import type { Texts } from './language.ts';
import { ensureThreadPool } from './process-environment.ts';
import { runService, type LoadedService, type ServiceOptions, type ServiceTexts } from './run-service.ts';

interface MonitorTexts extends ServiceTexts {
  readonly description: string;
  readonly config: string;
  readonly listen: string;
  readonly json: string;
  readonly logLevel: string;
  readonly after: string;
}

const TEXTS: Texts<MonitorTexts> = {
  en: {
    description: 'watch servers of any kind without an agent, and write status files',
    config: 'monitor.yaml (YAML or JSON), or the app.config of the old service (default: ./monitor.yaml)',
    listen: 'address of its API; overrides the configuration',
    json: 'nothing but JSON lines, the ready line too',
    logLevel: 'debug, info, warn or error',
    ready: (name, url) => `imagefleet monitor ${name} ready on ${url}`,
    warning: (sentence) => `warning: ${sentence}`,
    stopping: 'stopping (a second Ctrl-C stops at once)',
    stopLate: 'stopped before everything was finished; the status files say what was decided last',
    startSlow: 'still starting: is the disk of dataDir or of a status file slow, or not answering?',
    after: `
Examples:
  $ imagefleet monitor --config monitor.yaml
  $ imagefleet monitor --config app.config
  $ imagefleet why 10.0.0.1:42424 --server http://127.0.0.1:7400

The smallest monitor.yaml:
  servers: [10.0.0.1:42424, 10.0.0.2:42424]
  statusFiles:
    - { path: /srv/shop/server_status.config.xml, format: aspnet }

Inside an agent the same settings stand under "monitor", and its peers are watched without being listed.
The log goes to standard output, one JSON object a line.`,
  },
  zh: {
    description: '不需要节点，单独监控任意类型的服务器并写状态文件',
    config: 'monitor.yaml（YAML 或 JSON），或旧监控服务的 app.config（默认 ./monitor.yaml）',
    listen: 'API 的监听地址，优先于配置文件',
    json: '只输出 JSON 行，就绪信息也是',
    logLevel: 'debug、info、warn 或 error',
    ready: (name, url) => `imagefleet 监控 ${name} 已就绪：${url}`,
    warning: (sentence) => `警告：${sentence}`,
    stopping: '正在停止（再按一次 Ctrl-C 立即停止）',
    stopLate: '没等全部完成就停止了，状态文件保留最后一次的判定',
    startSlow: '还在启动：dataDir 或状态文件所在的磁盘是否很慢，或者没有响应？',
    after: `
示例：
  $ imagefleet monitor --config monitor.yaml
  $ imagefleet monitor --config app.config
  $ imagefleet why 10.0.0.1:42424 --server http://127.0.0.1:7400

最小的 monitor.yaml:
  servers: [10.0.0.1:42424, 10.0.0.2:42424]
  statusFiles:
    - { path: /srv/shop/server_status.config.xml, format: aspnet }

在节点内部，同样的设置写在 monitor 下，对等节点不用列出也会被监控。
日志写到标准输出，每行一个 JSON。`,
  },
};

interface MonitorOptions extends ServiceOptions {
  readonly config?: string;
  readonly listen?: string;
}

export function monitorCommand(context: CliContext): Command {
  const texts = TEXTS[context.language];
  return new Command('monitor')
    .description(texts.description)
    .option('--config <file>', texts.config)
    .option('--listen <host:port>', texts.listen)
    .addOption(
      new Option('--log-level <level>', texts.logLevel).choices(['debug', 'info', 'warn', 'error']).default('info'),
    )
    .option('--json', texts.json)
    .addHelpText('after', texts.after)
    .action(async (options: MonitorOptions) => {
      ensureThreadPool();
      await runService({ kind: 'monitor', options, context, texts, load: () => load(options, context) });
    });
}

async function load(options: MonitorOptions, context: CliContext): Promise<LoadedService> {
  const [{ loadMonitorConfig }, { startMonitor }] = await Promise.all([
    import('#config/load-monitor-config.ts'),
    import('#agent/compose-monitor.ts'),
  ]);
  const { config, warnings } = await loadMonitorConfig({
    file: options.config,
    listen: options.listen,
    env: context.env,
    cwd: context.cwd,
  });
  return { name: config.name, warnings, start: (logger) => startMonitor({ config, logger, environment: context.env }) };
}

import { resolve } from 'node:path';
import { Command } from 'commander';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';
import type { CliContext } from './cli-context.ts';
import type { Texts } from './language.ts';

interface ImportTexts {
  readonly description: string;
  readonly file: string;
  readonly out: string;
  readonly json: string;
  readonly warning: (sentence: string) => string;
  readonly written: (file: string) => string;
  readonly after: string;
}

const TEXTS: Texts<ImportTexts> = {
  en: {
    description: 'turn the web.config and servers.xml of the old upload program into an agent.yaml',
    file: 'web.config of the old program; its servers.xml is found from there',
    out: 'write to this file (readable by you alone, it holds the keys) instead of standard output',
    json: '{ yaml, warnings } on standard output',
    warning: (sentence) => `warning: ${sentence}`,
    written: (file) => `written: ${file}`,
    after: `
Examples:
  $ imagefleet import-legacy /srv/upload/web.config
  $ imagefleet import-legacy /srv/upload/web.config --out agent.yaml
  $ imagefleet agent --config agent.yaml
The old files are only read. An agent can also run on them as they are: imagefleet agent --web-config.`,
  },
  zh: {
    description: '把旧上传程序的 web.config 和 servers.xml 转换成 agent.yaml',
    file: '旧程序的 web.config,servers.xml 由它找到',
    out: '写入此文件（含密钥，仅本人可读），而不是标准输出',
    json: '在标准输出给出 { yaml, warnings }',
    warning: (sentence) => `警告：${sentence}`,
    written: (file) => `已写入：${file}`,
    after: `
示例：
  $ imagefleet import-legacy /srv/upload/web.config
  $ imagefleet import-legacy /srv/upload/web.config --out agent.yaml
  $ imagefleet agent --config agent.yaml
旧文件只读不改。节点也可以直接使用旧配置：imagefleet agent --web-config。`,
  },
};

export function importLegacyCommand(context: CliContext): Command {
  const texts = TEXTS[context.language];
  return new Command('import-legacy')
    .description(texts.description)
    .argument('<web.config>', texts.file)
    .option('--out <file>', texts.out)
    .option('--json', texts.json)
    .addHelpText('after', texts.after)
    .action(async (webConfig: string, options: { readonly out?: string; readonly json?: boolean }) => {
      const [{ loadConfig }, { toAgentYaml }] = await Promise.all([
        import('#config/load-config.ts'),
        import('#config/agent-yaml.ts'),
      ]);
      // An import must not depend on who runs it: settings from the environment stay out.
      const { config, warnings } = await loadConfig({ webConfig, env: {}, cwd: context.cwd });
      const yaml = toAgentYaml(config);
      if (options.out !== undefined)
        await writeFileAtomically(resolve(context.cwd, options.out), yaml, { mode: 0o600 });
      if (options.json === true) {
        context.out(JSON.stringify({ yaml, warnings }));
        return;
      }
      for (const sentence of warnings) context.err(texts.warning(sentence));
      if (options.out === undefined) context.out(yaml.trimEnd());
      else context.err(texts.written(options.out));
    });
}

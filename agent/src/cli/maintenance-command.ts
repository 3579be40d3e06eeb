import { Argument, Command } from 'commander';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { ExitWith, type CliContext } from './cli-context.ts';
import type { Texts } from './language.ts';
import { askFirst, resolveAccess, withAccess, type AccessOptions } from './server-access.ts';
import { STATE_WORDS } from './state-words.ts';

interface MaintenanceTexts {
  readonly description: string;
  readonly server: string;
  readonly onOff: string;
  readonly scope: string;
  readonly badScope: string;
  readonly now: (name: string, state: string) => string;
  readonly after: string;
  readonly silent: (names: string) => string;
}

const TEXTS: Texts<MaintenanceTexts> = {
  en: {
    description: 'take a server out of the status files, or let it back in',
    server: 'name of the server, as "imagefleet status" shows it',
    onOff: 'on or off',
    scope: 'fleet: tell every agent; server: only the one that is asked',
    badScope: '--scope needs server or fleet',
    now: (name, state) => `${name}: ${state}`,
    silent: (names) => `not told, because they did not answer: ${names}`,
    after: `
Examples:
  $ imagefleet maintenance s2 on
  $ imagefleet maintenance 10.0.0.1:42424 off --server http://127.0.0.1:7400
A server in maintenance is offline in the status files, whatever the probes say, also after a restart of the monitor.
Copies of images go to it all the same. After "off" it warms up as after a start.
Every agent has its own view, so all of them are told; exit code 1 when one does not answer.`,
  },
  zh: {
    description: '让服务器退出状态文件进入维护，或恢复使用',
    server: '服务器名称，与 “imagefleet status” 所示一致',
    onOff: 'on（维护）或 off（恢复）',
    scope: 'fleet：通知每个节点；server：只通知被询问的这一台',
    badScope: '--scope 应为 server 或 fleet',
    now: (name, state) => `${name}：${state}`,
    silent: (names) => `以下节点没有应答，未能通知：${names}`,
    after: `
示例：
  $ imagefleet maintenance s2 on
  $ imagefleet maintenance 10.0.0.1:42424 off --server http://127.0.0.1:7400
维护中的服务器不论探测结果如何，在状态文件中都是离线，监控重启后也一样。
图片副本照常发给它。off 之后像刚启动时一样重新预热。
每个节点各有自己的判断，因此会通知全部节点；有节点没有应答时退出码为 1。`,
  },
};

interface MaintenanceOptions extends AccessOptions {
  readonly scope: string;
}

export function maintenanceCommand(context: CliContext): Command {
  const texts = TEXTS[context.language];
  return withAccess(new Command('maintenance'), context)
    .description(texts.description)
    .argument('<server>', texts.server)
    .addArgument(new Argument('<on|off>', texts.onOff).choices(['on', 'off']))
    .option('--scope <scope>', texts.scope, 'fleet')
    .addHelpText('after', texts.after)
    .action(async (name: string, onOff: 'on' | 'off', options: MaintenanceOptions) => {
      const { scope } = options;
      if (scope !== 'server' && scope !== 'fleet') {
        context.err(`imagefleet maintenance: ${texts.badScope}`);
        throw new ExitWith(2);
      }
      const access = await resolveAccess(options, context);
      const answer = await askFirst(access, (client) => client.setMaintenance({ name, on: onOff === 'on', scope }));
      if (options.json === true) context.out(JSON.stringify(answer));
      else tell(answer, context, texts);
      if (answer.silent.length > 0) throw new ExitWith(1);
    });
}

function tell(
  { name, state, silent }: { readonly name: string; readonly state: ServerState; readonly silent: readonly string[] },
  context: CliContext,
  texts: MaintenanceTexts,
): void {
  context.out(texts.now(name, STATE_WORDS[context.language][state]));
  if (silent.length > 0) context.err(texts.silent(silent.join(', ')));
}

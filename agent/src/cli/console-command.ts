import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import type { Texts } from './language.ts';
import { askFirst, resolveAccess, withAccess, type AccessOptions } from './server-access.ts';

interface ConsoleTexts {
  readonly description: string;
  readonly after: string;
  readonly open: (minutes: number) => string;
  readonly openWithoutLogin: string;
}

const TEXTS: Texts<ConsoleTexts> = {
  en: {
    description: 'print a link that logs a browser in at the operator console, once',
    open: (minutes) => `open this in a browser within ${String(minutes)} minutes; it logs in once:`,
    openWithoutLogin: 'open this in a browser; no key is configured, so nobody has to log in:',
    after: `
Examples:
  $ imagefleet console
  $ imagefleet console --server http://10.0.0.1:7401 --key KEY
Whoever opens the link may do what the key may do, for 30 days or until the logout. The key itself does not
stand in it. The address is the one that was asked, so ask by the name under which the browser gets there.`,
  },
  zh: {
    description: '显示一个登录链接，用浏览器打开即登录控制台，只能用一次',
    open: (minutes) => `请在 ${String(minutes)} 分钟内用浏览器打开，只能用一次：`,
    openWithoutLogin: '请用浏览器打开；没有配置密钥，无需登录：',
    after: `
示例：
  $ imagefleet console
  $ imagefleet console --server http://10.0.0.1:7401 --key 密钥
打开链接的人拥有该密钥的全部权限，30 天内有效，退出登录即失效。链接里没有密钥本身。
链接的地址就是所询问的地址，因此请用浏览器能打开的地址来询问。`,
  },
};

export function consoleCommand(context: CliContext): Command {
  const texts = TEXTS[context.language];
  return withAccess(new Command('console'), context)
    .description(texts.description)
    .addHelpText('after', texts.after)
    .action(async (options: AccessOptions) => {
      const access = await resolveAccess(options, context);
      const link = await askFirst(access, (client) => client.makeLoginLink());
      if (options.json === true) {
        context.out(JSON.stringify(link));
        return;
      }
      // Standard output has the link alone, so that a script can hand it to a browser.
      context.err(link.expiresAt === null ? texts.openWithoutLogin : texts.open(minutesUntil(link.expiresAt, context)));
      context.out(link.url);
    });
}

/** Whole ones, at least one: the server's clock may differ from ours. */
function minutesUntil(at: number, { now }: CliContext): number {
  return Math.max(1, Math.round((at - now()) / 60_000));
}

import type { Outlook } from '@imagefleet/shared/common/health/outlook.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import type { Reachability, Verdict, VerdictRule } from '@imagefleet/shared/common/health/verdict.ts';
import { formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { Texts } from './language.ts';

export interface WhyTexts {
  readonly description: string;
  readonly server: string;
  readonly after: string;
  readonly head: (server: string, state: string, since: string) => string;
  readonly reachability: Readonly<Record<Reachability, string>>;
  /** The rule behind the verdict, one whole sentence each. */
  readonly rules: Readonly<Record<VerdictRule, (verdict: Verdict) => string>>;
  readonly votes: (reached: number, unreached: number, at: string) => string;
  readonly next: (outlook: Outlook, server: string) => string;
  readonly columns: readonly string[];
  readonly kinds: Readonly<Record<Observation['kind'], string>>;
  readonly noProbes: string;
  readonly settings: (settings: Verdict['settings']) => string;
}

const seconds = (ms: number): string => formatSeconds(ms / 1000);

export const WHY_TEXTS: Texts<WhyTexts> = {
  en: {
    description: 'show the probes, votes and rules behind the present verdict on a server',
    server: 'name of the server, as "imagefleet status" shows it',
    head: (server, state, since) =>
      `${server} is ${state === 'maintenance' ? 'in maintenance' : state}, since ${since}.`,
    reachability: {
      unknown: 'Whether it can be reached is not known.',
      reachable: 'It can be reached.',
      doubted: 'Its last probe failed; quick probes find out whether it can be reached.',
      unreachable: 'It cannot be reached; copies for an agent are parked.',
    },
    rules: {
      'first-look': () => 'Nothing has been seen since the monitor started that could decide.',
      'warming-up': ({ settings }) =>
        `It answers, but has not done so for ${seconds(settings.warmUpMs)} without a failure (warmUp).`,
      'warmed-up': ({ settings }) =>
        `It has answered long enough (warmUp ${seconds(settings.warmUpMs)}) and often enough (rise ${String(settings.rise)}).`,
      failures: ({ settings }) =>
        `${String(settings.fall)} probes in a row failed (fall), and each failure was an answer of its host: the network works.`,
      'witnesses-reach-it': () =>
        'It is silent here, but most of the others that answered reach it: it stays as it was.',
      'witnesses-miss-it': () => 'It is silent here, and most of the others that answered do not reach it either.',
      'network-proven': () =>
        'It is silent, and nobody else could be asked; but other servers answer here, so the own network works.',
      'silence-unconfirmed': ({ settings }) =>
        `It was silent for ${String(2 * settings.fall)} probes (twice fall), and nothing told whether the own network works: not confirmed.`,
      isolated: () =>
        'All servers fell silent at once: that is the network of this monitor. Nothing is decided, the status files stay.',
      'own-failure': () =>
        'Probes cannot be made (name look-up, descriptors or routes of this machine), which says nothing of the server.',
      maintenance: () => 'Somebody has put it into maintenance; probes go on and decide nothing.',
    },
    votes: (reached, unreached, at) =>
      `Others were asked at ${at}: ${String(reached)} reach it, ${String(unreached)} do not.`,
    next: nextInEnglish,
    columns: ['probe at', 'result', 'time', 'cause'],
    kinds: { success: 'answered', failure: 'failed', silence: 'silent', ownFailure: 'not made' },
    noProbes: 'No probe has ended yet.',
    settings: (settings) =>
      `Settings: interval ${seconds(settings.intervalMs)}, in doubt ${seconds(settings.fastIntervalMs)}, ` +
      `timeout ${seconds(settings.timeoutMs)}, fall ${String(settings.fall)}, rise ${String(settings.rise)}, ` +
      `warm-up ${seconds(settings.warmUpMs)}`,
    after: `
Examples:
  $ imagefleet why s2
  $ imagefleet why 10.0.0.1:42424 --server http://127.0.0.1:7400 --json
Every agent judges for itself: another one may see the same server differently.`,
  },
  zh: {
    description: '查看对某台服务器当前判定背后的探测、投票和规则',
    server: '服务器名称，与 “imagefleet status” 所示一致',
    head: (server, state, since) => `${server}：${state}，自 ${since} 起。`,
    reachability: {
      unknown: '尚不清楚能否连通。',
      reachable: '可以连通。',
      doubted: '最近一次探测失败，正在加快探测以确认能否连通。',
      unreachable: '无法连通；如果是节点，发给它的副本已暂停。',
    },
    rules: {
      'first-look': () => '监控启动以来，还没有足以判定的结果。',
      'warming-up': ({ settings }) => `它有应答，但还没有连续 ${seconds(settings.warmUpMs)} 不失败（warmUp）。`,
      'warmed-up': ({ settings }) =>
        `它应答的时间（warmUp ${seconds(settings.warmUpMs)}）和次数（rise ${String(settings.rise)}）都已足够。`,
      failures: ({ settings }) =>
        `连续 ${String(settings.fall)} 次探测失败（fall），而且每次都由对方主机明确拒绝：网络是通的。`,
      'witnesses-reach-it': () => '它对本机没有应答，但多数作出回答的其他节点能连通它：保持原来的判定。',
      'witnesses-miss-it': () => '它对本机没有应答，多数作出回答的其他节点也连不通它。',
      'network-proven': () => '它没有应答，也没有其他节点可问；但别的服务器对本机有应答，说明本机网络正常。',
      'silence-unconfirmed': ({ settings }) =>
        `它连续 ${String(2 * settings.fall)} 次没有应答（fall 的两倍），又无法证明本机网络正常：未经证实。`,
      isolated: () => '所有服务器同时没有应答：是本监控自己的网络问题。不作判定，状态文件保持不变。',
      'own-failure': () => '本机无法发出探测（域名解析、文件描述符或路由的问题），不能说明该服务器的情况。',
      maintenance: () => '已有人把它设为维护中；探测照常进行，但不影响判定。',
    },
    votes: (reached, unreached, at) =>
      `${at} 询问了其他节点：${String(reached)} 个能连通，${String(unreached)} 个不能。`,
    next: nextInChinese,
    columns: ['探测时间', '结果', '耗时', '原因'],
    kinds: { success: '有应答', failure: '失败', silence: '无应答', ownFailure: '未能探测' },
    noProbes: '还没有完成过探测。',
    settings: (settings) =>
      `设置：间隔 ${seconds(settings.intervalMs)}，存疑时 ${seconds(settings.fastIntervalMs)}，` +
      `超时 ${seconds(settings.timeoutMs)}，fall ${String(settings.fall)}，rise ${String(settings.rise)}，` +
      `预热 ${seconds(settings.warmUpMs)}`,
    after: `
示例：
  $ imagefleet why s2
  $ imagefleet why 10.0.0.1:42424 --server http://127.0.0.1:7400 --json
每个节点各自判定：另一个节点对同一台服务器的看法可能不同。`,
  },
};

function nextInEnglish(outlook: Outlook, server: string): string {
  switch (outlook.kind) {
    case 'up-in':
      return `Next: up in ${seconds(outlook.ms)} if it goes on answering.`;
    case 'down-after':
      return `Next: it stays up; down after ${String(outlook.failures)} ${outlook.failures === 1 ? 'failure' : 'failures in a row'}.`;
    case 'witnesses-decide':
      return 'Next: the others are asked again while it is silent; down when most of them miss it too.';
    case 'up-after-answer':
      return `Next: its first answer begins the warm-up; up ${seconds(outlook.ms)} later at the earliest.`;
    case 'back-with-answer':
      return 'Next: with the first answer of any server this monitor judges again; what answers is what it was before.';
    case 'back-with-probes':
      return 'Next: it is judged again as soon as probes can be made.';
    case 'until-ended':
      return `Next: nothing by itself; "imagefleet maintenance ${server} off" ends it.`;
  }
}

function nextInChinese(outlook: Outlook, server: string): string {
  switch (outlook.kind) {
    case 'up-in':
      return `接下来：如果继续应答，${seconds(outlook.ms)} 后在线。`;
    case 'down-after':
      return `接下来：保持在线；再连续失败 ${String(outlook.failures)} 次则离线。`;
    case 'witnesses-decide':
      return '接下来：只要它没有应答，就会继续询问其他节点；多数也连不通时离线。';
    case 'up-after-answer':
      return `接下来：第一次应答后开始预热，最早 ${seconds(outlook.ms)} 后在线。`;
    case 'back-with-answer':
      return '接下来：任何一台服务器有应答后恢复判定，有应答的服务器恢复原来的状态。';
    case 'back-with-probes':
      return '接下来：能够发出探测后立即重新判定。';
    case 'until-ended':
      return `接下来：不会自行改变；用 “imagefleet maintenance ${server} off” 结束维护。`;
  }
}

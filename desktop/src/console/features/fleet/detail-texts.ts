import type { VerdictRule } from '@imagefleet/shared/common/health/verdict.ts';
import type { Texts } from '#console/i18n/language.ts';

export const DETAIL_TEXTS = {
  en: {
    timeline: 'The last 24 hours',
    uptime: 'In these 24 hours:',
    part: '{{state}} {{lasted}}',
    share: 'up {{share}} of the time that counts',
    chart: 'Latency of 24 hours: median {{last}} now, {{top}} at the top',
    transitions: 'Changes of state',
    noTransitions: 'No change in 24 hours.',
    changed: '{{at}}: {{from}} → {{to}}',
    lasted: 'after {{lasted}}',
    unconfirmed: 'nobody else could confirm it',
    moreTransitions: 'Only the newest {{count}} are shown.',
    why: 'Why it is judged so',
    votes: 'Others were asked at {{at}}: {{reached}} reach it, {{unreached}} do not.',
    probes: 'The last probes',
    success: 'answered in {{ms}}',
    failure: 'failed',
    silence: 'silent',
    ownFailure: 'not made',
    address: 'Address',
  },
  zh: {
    timeline: '最近 24 小时',
    uptime: '这 24 小时内：',
    part: '{{state}} {{lasted}}',
    share: '有效时间内的在线率 {{share}}',
    chart: '24 小时延迟：当前中位数 {{last}}，顶端为 {{top}}',
    transitions: '状态变化',
    noTransitions: '24 小时内没有变化。',
    changed: '{{at}}：{{from}} → {{to}}',
    lasted: '此前持续 {{lasted}}',
    unconfirmed: '没有其他节点能证实',
    moreTransitions: '只显示最近 {{count}} 条。',
    why: '判定依据',
    votes: '{{at}} 询问了其他节点：{{reached}} 个能连通，{{unreached}} 个不能。',
    probes: '最近的探测',
    success: '{{ms}} 内应答',
    failure: '失败',
    silence: '无应答',
    ownFailure: '未能探测',
    address: '地址',
  },
} as const satisfies Texts<string>;

/** The rule behind a verdict, as "imagefleet why" tells it. */
export const RULE_TEXTS = {
  en: {
    'first-look': 'Nothing has been seen since the monitor started that could decide.',
    'warming-up': 'It answers, but has not done so for {{warmUp}} without a failure.',
    'warmed-up': 'It has answered long enough ({{warmUp}}) and often enough ({{rise}} in a row).',
    failures: '{{fall}} probes in a row failed, and its host answered each of them: the network works.',
    'witnesses-reach-it': 'It is silent here, but most of the others that answered reach it: it stays as it was.',
    'witnesses-miss-it': 'It is silent here, and most of the others that answered do not reach it either.',
    'network-proven':
      'It is silent, and nobody else could be asked; but other servers answer here, so the network works.',
    'silence-unconfirmed':
      'It was silent for {{doubleFall}} probes, and nothing told whether the own network works: not confirmed.',
    isolated: 'All servers fell silent at once: that is the network of this monitor. Nothing is decided.',
    'own-failure': 'Probes cannot be made on this machine, which says nothing of the server.',
    maintenance: 'Somebody has put it into maintenance; probes go on and decide nothing.',
  },
  zh: {
    'first-look': '监控启动以来还没有足以判定的结果。',
    'warming-up': '有应答，但还没有连续 {{warmUp}} 无失败。',
    'warmed-up': '应答时间足够长（{{warmUp}}），次数也足够多（连续 {{rise}} 次）。',
    failures: '连续 {{fall}} 次探测失败，且每次它的主机都有回应：网络是通的。',
    'witnesses-reach-it': '对本机没有应答，但多数应答的节点能连通它：保持原状态。',
    'witnesses-miss-it': '对本机没有应答，多数应答的节点也连不通它。',
    'network-proven': '没有应答，也没有其他节点可询问；但其他服务器对本机有应答，说明网络正常。',
    'silence-unconfirmed': '连续 {{doubleFall}} 次没有应答，又无法证明本机网络正常：未经证实。',
    isolated: '所有服务器同时没有应答：是本监控自己的网络问题，不作判定。',
    'own-failure': '本机无法发出探测，不能说明该服务器的情况。',
    maintenance: '已有人把它设为维护中；探测照常进行，但不影响判定。',
  },
} as const satisfies Texts<VerdictRule>;

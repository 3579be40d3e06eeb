import type { DeliveryEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { Texts } from '#console/i18n/language.ts';

export const STATE_WORDS = {
  en: {
    pending: 'waits its turn',
    inflight: 'being sent',
    failed: 'tried again',
    parked: 'on hold',
    dead: 'needs you',
  },
  zh: { pending: '排队中', inflight: '发送中', failed: '等待重试', parked: '等待恢复', dead: '需要处理' },
} as const satisfies Texts<DeliveryEntry['state']>;

export const DELIVERIES_TEXTS = {
  en: {
    list: 'Copies for {{server}}',
    from: 'from {{source}}',
    attempts_one: '{{count}} attempt',
    attempts_other: '{{count}} attempts',
    next: 'again {{at}}',
    replayOne: 'Replay',
    replayLabel: 'Replay {{path}} to {{server}} now',
    sent: 'sent out',
    unreachable: 'the server takes nothing now',
    silent: '{{source}} did not answer',
    gone: 'no longer open',
    more: 'loading more…',
    empty: 'None is left.',
    quiet: 'Not listed, because they did not answer: {{servers}}',
  },
  zh: {
    list: '{{server}} 的副本',
    from: '来自 {{source}}',
    attempts_other: '已尝试 {{count}} 次',
    next: '{{at}} 重试',
    replayOne: '重新同步',
    replayLabel: '立即把 {{path}} 重新同步到 {{server}}',
    sent: '已发出',
    unreachable: '服务器暂时无法接收',
    silent: '{{source}} 没有应答',
    gone: '已不在待同步列表中',
    more: '正在加载…',
    empty: '已全部完成。',
    quiet: '以下服务器没有应答，未列出：{{servers}}',
  },
} as const satisfies Texts<string>;

import type { Texts } from '#console/i18n/language.ts';

export const REPLAY_TEXTS = {
  en: {
    asking: 'Asking each server whether it answers…',
    running: 'Replay: {{done}} of {{total}} done',
    over_one: 'Replay done: {{shown}} copy arrived.',
    over_other: 'Replay done: {{shown}} copies arrived.',
    failed_one: '{{shown}} failed again.',
    failed_other: '{{shown}} failed again.',
    nothing: 'Nothing was sent out.',
    unreachable:
      '{{servers}} cannot take copies now: those stay where they are and go out by themselves when it is back.',
    silent: '{{servers}} did not answer: copies that wait there were not replayed.',
  },
  zh: {
    asking: '正在询问各服务器能否接收…',
    running: '重新同步：已完成 {{done}} / {{total}}',
    over_other: '重新同步完成：{{shown}} 个副本已到达。',
    failed_other: '{{shown}} 个再次失败。',
    nothing: '没有发出任何副本。',
    unreachable: '{{servers}} 现在无法接收：副本保持原样，恢复后会自动发出。',
    silent: '{{servers}} 没有应答：那里等待的副本没有重新同步。',
  },
} as const satisfies Texts<string>;

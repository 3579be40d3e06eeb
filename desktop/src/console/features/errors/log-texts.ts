import type { Texts } from '#console/i18n/language.ts';

export const LOG_TEXTS = {
  en: {
    title: 'Failure log of {{server}}',
    hint: 'What could not go out from {{server}} that day; the other servers have their own.',
    day: 'Day',
    filter: 'Filter by path, server or cause',
    lines_one: '{{shown}} line',
    lines_other: '{{shown}} lines',
    some: '{{found}} of {{shown}} lines',
    none: 'Nothing failed on {{day}}.',
    noneFound: 'No line of that day fits the filter.',
    truncated: 'The log is longer; its older part is in the log folder of {{server}}.',
    list: 'Lines of the failure log',
    to: 'to {{server}}',
  },
  zh: {
    title: '{{server}} 的失败日志',
    hint: '当天从 {{server}} 发不出去的副本；其他服务器各有自己的日志。',
    day: '日期',
    filter: '按路径、服务器或原因筛选',
    lines_other: '{{shown}} 行',
    some: '{{shown}} 行中的 {{found}} 行',
    none: '{{day}} 没有失败记录。',
    noneFound: '当天没有符合筛选条件的记录。',
    truncated: '日志更长，更早的部分在 {{server}} 的日志文件夹中。',
    list: '失败日志',
    to: '到 {{server}}',
  },
} as const satisfies Texts<string>;

import type { Texts } from '#console/i18n/language.ts';

export const LOGIN_TEXTS = {
  en: {
    title: 'Image fleet',
    subtitle: 'Log in to {{server}}',
    key: 'Security key',
    keyHint: 'The securityKey of this server, or another key from its configuration.',
    showKey: 'Show the key',
    enter: 'Log in',
    linkOver: 'This link has been used or is too old',
    linkOverHint:
      'A login link opens the console once, within 5 minutes. Make a new one with "imagefleet console", or log in with a key.',
    waits: 'Your uploads wait',
    waitsHint: 'They go on after a login with the same key, {{key}}. A login with another key discards them.',
    waitsHintNameless: 'They go on after a login with the same key. A login with another key discards them.',
    tooMany: 'Too many failed logins from this address',
    tooManyWait: 'Wait {{time}}, then try again.',
    tooManyOver: 'You can try again now.',
  },
  zh: {
    title: '图片机群',
    subtitle: '登录 {{server}}',
    key: '安全密钥',
    keyHint: '本服务器的 securityKey，或配置文件中的其他密钥。',
    showKey: '显示密钥',
    enter: '登录',
    linkOver: '这个链接已经用过或已过期',
    linkOverHint: '登录链接 5 分钟内有效，只能用一次。请运行 imagefleet console 重新生成，或用密钥登录。',
    waits: '还有文件在等待上传',
    waitsHint: '用同一个密钥（{{key}}）重新登录后继续上传；换用其他密钥登录会丢弃这些上传。',
    waitsHintNameless: '用同一个密钥重新登录后继续上传；换用其他密钥登录会丢弃这些上传。',
    tooMany: '这个地址登录失败次数过多',
    tooManyWait: '请等待 {{time}} 后再试。',
    tooManyOver: '现在可以重试了。',
  },
} as const satisfies Texts<string>;

import type { Texts } from '#console/i18n/language.ts';

export const MAINTENANCE_TEXTS = {
  en: {
    begin: 'Begin maintenance',
    end: 'End maintenance',
    beginWhat:
      'Takes {{server}} out of the status files: {{left}} of {{total}} servers stay for web traffic. Uploads and copies go on.',
    beginLast:
      'Takes {{server}} out of the status files: no server that is up stays for web traffic. Uploads and copies go on.',
    endWhat: 'Puts {{server}} back into the status files as soon as it is up.',
    cancel: 'Cancel',
    silent: 'Not told, because they did not answer: {{servers}}. They go on as before; do it again when they are back.',
  },
  zh: {
    begin: '开始维护',
    end: '结束维护',
    beginWhat:
      '将把 {{server}} 从状态文件中移除，网站流量由 {{total}} 台中的其余 {{left}} 台承担。上传和同步照常进行。',
    beginLast: '将把 {{server}} 从状态文件中移除，届时没有在线的服务器承担网站流量。上传和同步照常进行。',
    endWhat: '{{server}} 在线后会重新写入状态文件。',
    cancel: '取消',
    silent: '以下服务器没有应答，未能通知：{{servers}}。它们保持原样，恢复后请再操作一次。',
  },
} as const satisfies Texts<string>;

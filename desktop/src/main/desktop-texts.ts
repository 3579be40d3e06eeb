import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';

export type Language = 'zh' | 'en';

/** What is read outside of the window: in the tray, its menu, notifications and the application's menu. */
interface DesktopTexts {
  readonly open: string;
  readonly pause: string;
  readonly resume: string;
  readonly quit: string;
  readonly noServers: string;
  readonly ownNetwork: string;
  readonly unknown: string;
  readonly allUp: (servers: number) => string;
  readonly someDown: (down: number, servers: number) => string;
  readonly left: (files: number) => string;
  readonly paused: string;
  readonly failed: (files: number) => string;
  readonly engineGone: string;
  readonly states: Readonly<Record<ServerState, string>>;
  readonly oneDown: (name: string) => string;
  readonly manyDown: (servers: number) => string;
  readonly networkDown: string;
  readonly oneBack: (name: string) => string;
  readonly manyBack: (servers: number) => string;
  readonly networkBack: string;
  readonly again: string;
  readonly since: (time: string) => string;
  readonly stillUp: (up: number, servers: number) => string;
  readonly noneUp: string;
  readonly networkWaits: string;
  readonly lasted: (duration: string) => string;
  readonly listOf: (names: readonly string[]) => string;
  readonly setAside: string;
}

const EN: DesktopTexts = {
  open: 'Open Imagefleet',
  pause: 'Pause uploads',
  resume: 'Resume uploads',
  quit: 'Quit',
  noServers: 'No servers yet',
  ownNetwork: 'This computer’s network is down',
  unknown: 'How the servers are is not known',
  allUp: (servers) => (servers === 1 ? 'The server is up' : `All ${String(servers)} servers are up`),
  someDown: (down, servers) => `${String(down)} of ${String(servers)} servers are down`,
  left: (files) => `${filesOf(files)} to upload`,
  paused: 'Uploads are paused',
  failed: (files) => `${filesOf(files)} failed`,
  engineGone: 'Uploads do not run',
  states: { up: 'up', down: 'down', unknown: 'unknown', warming: 'warming up', maintenance: 'maintenance' },
  oneDown: (name) => `${name} is down`,
  manyDown: (servers) => `${String(servers)} servers are down`,
  networkDown: 'This computer’s network is down',
  oneBack: (name) => `${name} is up again`,
  manyBack: (servers) => `${String(servers)} servers are up again`,
  networkBack: 'This computer’s network works again',
  again: 'Once more, shortly after it was up again.',
  since: (time) => `Since ${time}.`,
  stillUp: (up, servers) => `${String(up)} of ${String(servers)} servers work; uploads and images go on there.`,
  noneUp: 'No server works; uploads wait and go on by themselves.',
  networkWaits: 'The servers are most likely well; uploads wait and go on by themselves.',
  lasted: (duration) => `It lasted ${duration}.`,
  listOf: (names) => names.join(', '),
  setAside: 'A damaged file of the upload list was set aside, and a new one begun',
};

const ZH: DesktopTexts = {
  open: '打开 Imagefleet',
  pause: '暂停上传',
  resume: '继续上传',
  quit: '退出',
  noServers: '尚未设置服务器',
  ownNetwork: '本机网络中断',
  unknown: '服务器状态未知',
  allUp: (servers) => `${String(servers)} 台服务器全部在线`,
  someDown: (down, servers) => `${String(servers)} 台服务器中有 ${String(down)} 台离线`,
  left: (files) => `还有 ${String(files)} 个文件待上传`,
  paused: '上传已暂停',
  failed: (files) => `${String(files)} 个文件失败`,
  engineGone: '上传没有运行',
  states: { up: '在线', down: '离线', unknown: '未知', warming: '预热期', maintenance: '维护中' },
  oneDown: (name) => `${name} 离线`,
  manyDown: (servers) => `${String(servers)} 台服务器离线`,
  networkDown: '本机网络中断',
  oneBack: (name) => `${name} 已恢复`,
  manyBack: (servers) => `${String(servers)} 台服务器已恢复`,
  networkBack: '本机网络已恢复',
  again: '恢复后不久再次发生。',
  since: (time) => `开始于 ${time}。`,
  stillUp: (up, servers) => `${String(servers)} 台服务器中 ${String(up)} 台正常，上传和图片访问不受影响。`,
  noneUp: '没有可用的服务器；上传会等待，之后自动继续。',
  networkWaits: '服务器很可能正常；上传会等待，之后自动继续。',
  lasted: (duration) => `持续了 ${duration}。`,
  listOf: (names) => names.join('、'),
  setAside: '上传列表的文件已损坏，已移开并新建',
};

export function desktopTexts(language: Language): DesktopTexts {
  return language === 'zh' ? ZH : EN;
}

/** `system` is what the operating system prefers; any kind of Chinese is zh, everything else en. */
export function languageOf(setting: 'system' | Language, systemLocale: string): Language {
  if (setting !== 'system') return setting;
  return /^zh\b/i.test(systemLocale) ? 'zh' : 'en';
}

function filesOf(files: number): string {
  return files === 1 ? '1 file' : `${String(files)} files`;
}

import type { Texts } from './language.ts';

interface FleetTexts {
  readonly description: string;
  readonly agents: string;
  readonly basePort: string;
  readonly data: string;
  readonly key: string;
  readonly json: string;
  readonly notCount: string;
  readonly notPort: string;
  readonly portTaken: (port: number) => string;
  readonly portAdvice: (command: string) => string;
  readonly starting: (count: number) => string;
  readonly died: (name: string, reason: string) => string;
  readonly diedEarly: (name: string, reason: string, log: string) => string;
  readonly startAgain: (command: string) => string;
  readonly late: (names: string) => string;
  readonly columns: readonly [string, string, string, string];
  readonly keyLine: (key: string) => string;
  readonly ready: string;
  /** `link` is undefined when the first agent gave none. */
  readonly console: (address: string, link: string | undefined) => string;
  readonly next: (commands: NextCommands) => readonly string[];
  readonly stopping: string;
  readonly stopped: string;
  readonly allDead: string;
  readonly after: string;
}

/** Commands that can be copied as they stand. */
export interface NextCommands {
  readonly upload: string;
  readonly status: string;
  readonly kill: string | undefined;
  readonly restart: string;
  readonly link: string;
}

export const FLEET_TEXTS: Texts<FleetTexts> = {
  en: {
    description: 'run a whole fleet on this machine, to try it or to develop',
    agents: 'how many agents, 1 to 20',
    basePort: 'port of the first agent; the others take the next ones',
    data: 'folder of the fleet; kept between starts',
    key: 'security key of all agents (default: made once and kept in fleet.json)',
    json: 'nothing but JSON lines on standard output',
    notCount: 'a number from 1 to 20 is needed',
    notPort: 'a port from 1 to 65535 is needed, with room for all agents',
    portTaken: (port) => `port ${String(port)} on 127.0.0.1 is in use by another program`,
    portAdvice: (command) => `Is a fleet already running? Stop it, or choose other ports: ${command}`,
    starting: (count) => `starting ${String(count)} agents …`,
    died: (name, reason) => `agent ${name} ended (${reason}); the others go on`,
    diedEarly: (name, reason, log) => `agent ${name} ended while starting (${reason}); its log: ${log}`,
    startAgain: (command) => `start it again with:  ${command}`,
    late: (names) => `no answer within the time from: ${names}`,
    columns: ['name', 'address', 'pid', 'folder'],
    keyLine: (key) => `security key: ${key}`,
    ready: 'fleet ready',
    console: (address, link) =>
      link === undefined
        ? `console: ${address}  log in with the security key`
        : `console: ${address}  log in, once and within 5 minutes: ${link}`,
    next: (commands) => [
      'Try next, in another terminal:',
      `  upload a folder:      ${commands.upload}`,
      `  see where copies are: ${commands.status}`,
      ...(commands.kill === undefined
        ? []
        : [`  stop one agent:       ${commands.kill}`, `  start it again:       ${commands.restart}`]),
      `  fetch an image:       ${commands.link}`,
      'Ctrl-C here stops the whole fleet.',
    ],
    stopping: 'stopping the fleet …',
    stopped: 'fleet stopped',
    allDead: 'no agent is left',
    after: `
Examples:
  $ imagefleet fleet                                    three agents on 7401, 7402, 7403, data in ./data
  $ imagefleet fleet --agents 5 --base-port 8001 --data /tmp/fleet
Every agent is a process of its own with its own folder, and every other agent is its peer. Kill one,
upload to another, start it again with the command shown: what it missed arrives by itself.`,
  },
  zh: {
    description: '在本机运行整个机群，用于试用或开发',
    agents: '节点数量，1 到 20',
    basePort: '第一个节点的端口，其余依次加一',
    data: '机群的数据文件夹，重启后仍在',
    key: '所有节点的安全密钥（默认自动生成一次，保存在 fleet.json）',
    json: '标准输出只有 JSON 行',
    notCount: '应为 1 到 20 的数字',
    notPort: '应为 1 到 65535 的端口，并且够所有节点使用',
    portTaken: (port) => `127.0.0.1 的端口 ${String(port)} 已被其他程序占用`,
    portAdvice: (command) => `是不是已有机群在运行？请先停止它，或换用其他端口：${command}`,
    starting: (count) => `正在启动 ${String(count)} 个节点……`,
    died: (name, reason) => `节点 ${name} 已退出（${reason}），其余节点继续运行`,
    diedEarly: (name, reason, log) => `节点 ${name} 启动时退出（${reason}），日志：${log}`,
    startAgain: (command) => `重新启动它：  ${command}`,
    late: (names) => `在规定时间内没有应答：${names}`,
    columns: ['名称', '地址', '进程号', '文件夹'],
    keyLine: (key) => `安全密钥：${key}`,
    ready: 'fleet ready 机群已就绪',
    console: (address, link) =>
      link === undefined
        ? `控制台：${address}  用安全密钥登录`
        : `控制台：${address}  登录链接（5 分钟内有效，只能用一次）：${link}`,
    next: (commands) => [
      '接下来可在另一个终端尝试：',
      `  上传一个文件夹：  ${commands.upload}`,
      `  查看副本状态：    ${commands.status}`,
      ...(commands.kill === undefined
        ? []
        : [`  停掉一个节点：    ${commands.kill}`, `  重新启动它：      ${commands.restart}`]),
      `  取一张图片：      ${commands.link}`,
      '在这里按 Ctrl-C 停止整个机群。',
    ],
    stopping: '正在停止机群……',
    stopped: '机群已停止',
    allDead: '没有节点在运行了',
    after: `
示例：
  $ imagefleet fleet                                    三个节点：7401、7402、7403，数据在 ./data
  $ imagefleet fleet --agents 5 --base-port 8001 --data /tmp/fleet
每个节点是独立的进程，有自己的文件夹，其余节点都是它的同伴。停掉一个，向另一个上传，
再用显示的命令启动它：缺少的图片会自动补齐。`,
  },
};

import type { Texts } from './language.ts';

interface ResolveTexts {
  readonly description: string;
  readonly keys: string;
  readonly statusFile: string;
  readonly mode: string;
  readonly keysFrom: string;
  readonly json: string;
  readonly usage: string;
  readonly unreadableKeys: (file: string, why: string) => string;
  readonly nobodyOnline: (servers: string) => string;
  readonly noServer: (without: string, keys: string) => string;
  readonly after: string;
}

export const RESOLVE_TEXTS: Texts<ResolveTexts> = {
  en: {
    description: 'tell which server of a status file a key, such as a session id, belongs to',
    keys: 'one key or many',
    statusFile: 'status file that the monitor writes: ASP.NET XML, JSON or nginx, known by its content',
    mode: 'rendezvous: even, and only the keys of a failed server move; legacy: as the old PartitionResolver',
    keysFrom: 'read keys from a file, one a line ("-": standard input)',
    json: 'for each key a line { key, candidates: [{ host, port }] }, all online servers in the order of preference',
    usage: 'give either keys or --keys-from',
    unreadableKeys: (file, why) => `cannot read the keys from ${file}: ${why}`,
    nobodyOnline: (servers) => `none of the ${servers} servers in the status file is online`,
    noServer: (without, keys) => `${without} of ${keys} keys have no server: they are no session ids`,
    after: `
Examples:
  $ imagefleet resolve 2kzn3v1ryb4tjc55x0fqwq45 --status-file server_status.json
  $ imagefleet resolve --keys-from - --status-file server_status.json < sessions.txt | sort | uniq -c
  $ imagefleet resolve 2kzn3v1ryb4tjc55x0fqwq45 --status-file server_status.config.xml --mode legacy
One line for each key, in their order: host:port, or tcpip=host:port in legacy mode. A key without a
server gives an empty line, or the bare tcpip=.

WARNING about legacy: with 4, 8, 12 … servers it never uses every fourth of them, since session ids of
ASP.NET have structure in their low bits; and when a server fails, its neighbour gets its whole load.
Take it only where applications with the old PartitionResolver must find the same server.

Exit codes: 0 every key has a server, 1 some key has none, 2 wrong usage or no readable status file.`,
  },
  zh: {
    description: '查询某个键（例如会话 ID）应由状态文件中的哪台服务器负责',
    keys: '一个或多个键',
    statusFile: '监控程序写出的状态文件：ASP.NET XML、JSON 或 nginx，按内容识别',
    mode: 'rendezvous：分布均匀，服务器故障时只移动它的键；legacy：与旧的 PartitionResolver 一致',
    keysFrom: '从文件读取键，每行一个（“-”：标准输入）',
    json: '每个键一行 { key, candidates: [{ host, port }] }，按优先顺序列出所有在线服务器',
    usage: '请给出键，或使用 --keys-from，二者选一',
    unreadableKeys: (file, why) => `无法从 ${file} 读取键：${why}`,
    nobodyOnline: (servers) => `状态文件中的 ${servers} 台服务器都不在线`,
    noServer: (without, keys) => `${keys} 个键中有 ${without} 个没有服务器：它们不是会话 ID`,
    after: `
示例：
  $ imagefleet resolve 2kzn3v1ryb4tjc55x0fqwq45 --status-file server_status.json
  $ imagefleet resolve --keys-from - --status-file server_status.json < sessions.txt | sort | uniq -c
  $ imagefleet resolve 2kzn3v1ryb4tjc55x0fqwq45 --status-file server_status.config.xml --mode legacy
每个键一行，顺序不变：host:port；legacy 模式为 tcpip=host:port。没有服务器的键输出空行，
legacy 模式输出不带地址的 tcpip=。

关于 legacy 的警告：服务器数为 4、8、12……时，每四台中有一台永远分不到键，因为 ASP.NET 会话 ID
的低位有规律；某台服务器故障时，它的全部负载会压到相邻的一台上。
只有必须与仍在使用旧 PartitionResolver 的应用找到同一台服务器时才使用它。

退出码：0 每个键都有服务器，1 有键没有服务器，2 用法错误或状态文件不可读。`,
  },
};

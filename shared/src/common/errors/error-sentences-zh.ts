import type { ErrorSentences } from './error-sentences.ts';

export const CHINESE_SENTENCES: ErrorSentences = {
  KEY_MISSING: {
    title: '没有发送安全密钥',
    todo: '请带上该服务器的密钥：“Authorization: Bearer 密钥”，do.ashx 则用 SecurityKey=密钥。',
  },
  KEY_WRONG: { title: '安全密钥不正确', todo: '请与该服务器配置中的 securityKey 核对。' },
  ROLE_MISSING: { title: '该密钥没有这项权限', todo: '请换用有此角色的密钥，或在配置中给它加上该角色。' },
  SESSION_MISSING: {
    title: '尚未登录或登录已失效',
    todo: '请在 /console 登录，程序则带上该服务器的密钥：“Authorization: Bearer 密钥”。',
  },
  TOKEN_WRONG: {
    title: '登录链接已用过、已过期或无效',
    todo: '登录链接只能用一次，几分钟内有效。请用 “imagefleet console” 重新生成，也可以直接用密钥登录。',
  },
  ORIGIN_FOREIGN: {
    title: '请求来自其他网站的页面',
    todo: '请用该服务器自己的地址打开控制台；前面有代理时，代理须传递 Host 和 X-Forwarded-Proto。程序请用 “Authorization: Bearer 密钥”。',
  },
  RATE_LIMITED: { title: '请求过于频繁', todo: '请按 Retry-After 给出的时间等待后再试。' },
  INPUT_INVALID: { title: '请求内容有误', todo: '请改正信息中指出的地方后重新发送。' },
  ACTION_UNKNOWN: { title: '未知的 action', todo: 'do.ashx 只支持 action=upload 和 action=uploaderrors。' },
  FORMAT_UNKNOWN: { title: '未知的 format', todo: '请用 format=xml 或 format=json。' },
  BODY_MALFORMED: {
    title: '上传内容残缺或已损坏',
    todo: '内容提前结束，或不是 multipart/form-data。请完整地重新上传。',
  },
  NO_FILE: { title: '没有收到文件', todo: '请在 multipart/form-data 中至少放一个文件，字段名不限。' },
  EMPTY_FILE: { title: '文件是空的', todo: '文件没有任何字节，请检查本地文件。' },
  FILE_TOO_LARGE: {
    title: '文件太大',
    todo: '请上传小一些的图片，或调大服务器的 limits.fileSize；前面有代理时还要调大代理的上限（nginx：client_max_body_size）。',
  },
  TOO_MANY_FILES: { title: '一次请求的文件太多', todo: '请分批上传，或调大服务器的 limits.filesPerRequest。' },
  NOT_AN_IMAGE: {
    title: '文件不是图片',
    todo: '只接受 JPEG、PNG、GIF、WebP、BMP、AVIF、HEIC、TIFF、ICO，以文件内容为准。',
  },
  SVG_REFUSED: { title: '不接受 SVG 图片', todo: 'SVG 可以携带脚本，默认关闭。管理员可用 limits.svg: true 打开。' },
  ID_INVALID: {
    title: 'id 格式不正确',
    todo: 'id 的格式是 yyyy/M/d/<uuid>（不补零），放在文件之前名为 id 的文本字段里。',
  },
  ID_TAKEN: { title: '该 id 已属于另一张图片', todo: '请换一个新的 id。' },
  PATH_INVALID: { title: '路径不允许使用', todo: '请按信息中指出的规则换一个路径。' },
  PATH_TAKEN: { title: '该路径已有另一张图片', todo: '如要保存为新版本，请加上 ?overwrite=true。' },
  PATH_CASE_TAKEN: { title: '已有仅大小写不同的路径', todo: '请使用原来的大小写，或换一个名字。' },
  PATH_BUSY: { title: '另一个请求正在写这个路径', todo: '请稍后再试。' },
  RANGE_INVALID: { title: '请求的范围超出图片', todo: '请不带 Range 重新请求。' },
  ACK_TOO_HIGH: { title: '要求的副本数多于服务器数', todo: 'ack 包括本服务器，不能超过机群的服务器总数。' },
  NOT_FOUND: { title: '这个地址没有内容', todo: '请检查地址。API 在 /api/v1 下，旧接口是 /do.ashx。' },
  METHOD_NOT_ALLOWED: { title: '这个地址不接受该方法', todo: '请使用 Allow 头中列出的方法。' },
  IMAGE_NOT_FOUND: { title: '这里没有这张图片', todo: '请与上传时返回的链接核对。' },
  COPY_NOT_HERE: {
    title: '本服务器没有自己的副本',
    todo: '请不带 “Cache-Control: only-if-cached” 重新请求，图片会从其他服务器取来。',
  },
  IMAGE_UNSURE: {
    title: '暂时无法确定是否有这张图片',
    todo: '本服务器的图片库丢失后正在补齐，而可能有这张图片的服务器没有应答。请稍后再试，或请求其他服务器。',
  },
  SERVER_UNKNOWN: {
    title: '没有叫这个名字的服务器',
    todo: '服务器名称见 “imagefleet status” 或 GET /api/v1/servers。',
  },
  DISK_FULL: { title: '磁盘已满', todo: '请清理数据盘，或调低 limits.freeSpaceFloor。' },
  SHUTTING_DOWN: { title: '服务器正在停止', todo: '请发往其他服务器，或稍后再试。' },
  CONSOLE_MISSING: {
    title: '没有安装控制台',
    todo: '在源码目录中请运行 “npm run build:console”；在服务器上请把 console 文件夹放到 imagefleet.mjs 旁边。其他功能不受影响。',
  },
  IO_FAILED: { title: '磁盘出错', todo: '请查看该服务器的日志和磁盘状况。' },
  INTERNAL: { title: '程序内部出错', todo: '这是程序缺陷，请附上当时的日志反馈给我们。' },
  CFG_INVALID: { title: '配置有误', todo: '请改正下面列出的地方后重新启动。' },
  CFG_UNREADABLE: { title: '无法读取配置', todo: '请检查文件是否存在、可读、格式正确。' },
  PORT_IN_USE: {
    title: '端口已被其他程序占用',
    todo: '另一个程序（也可能是先前启动的本程序）正在监听该端口。请停止它，或把配置中的 listen（--listen、IMAGEFLEET_LISTEN）改为其他端口。',
  },
  IDENTITY_FOREIGN: {
    title: '图片文件夹属于另一台服务器',
    todo: '图片库与图片文件夹不是同一台服务器的。请装回正确的磁盘；如果确实要让本服务器使用该文件夹，请删除其中的 .imagefleet-id。',
  },
  CATALOG_OLD: {
    title: '图片库比图片文件夹旧',
    todo: '图片库是从备份恢复的。请放回最新的；或移走 catalog.sqlite、catalog.sqlite-wal、catalog.sqlite-shm，全部内容会从其他服务器取回。',
  },
  STATUS_HOST_TWICE: {
    title: 'ASP.NET 状态文件中同一主机不能有两个端口',
    todo: 'ASP.NET 只按主机名区分服务器。请只监控该主机的一个端口，或给另一个端口换用该主机的别名，或把该文件改为 json、nginx 格式。',
  },
  STATUS_HOST_INVALID: {
    title: '该主机名不能写入状态文件',
    todo: '主机应为名称或地址，不含空格、方括号和控制字符，最长 255 个字符。',
  },
  STATUS_FILE_INVALID: {
    title: '状态文件已损坏或格式不对',
    todo: '文件不属于三种格式中的任何一种，或已损坏。监控程序运行时会重新写入；如果一直这样，请删除该文件。',
  },
  STATUS_UNREADABLE: {
    title: '无法读取状态文件',
    todo: '监控程序在运行吗？它写的是这个路径吗？本程序有权读取吗？',
  },
  STATUS_UNWRITABLE: {
    title: '无法写入状态文件',
    todo: '请建立该文件夹，或让监控程序有权写入。它会自动重试，其他状态文件不受影响。',
  },
  PEER_UNREACHABLE: { title: '连接不上服务器', todo: '那台服务器上的程序在运行吗？端口对本机开放吗？' },
  PEER_TIMEOUT: { title: '服务器没有及时应答', todo: '请查看它的负载和网络。' },
  PEER_DOWN: { title: '服务器已离线', todo: '无需处理：它恢复后，副本会自动补齐。' },
  PEER_BUSY: { title: '服务器过于繁忙', todo: '涌向该服务器的请求太多。如果一直这样，请在它的日志中查看是谁发来的。' },
  PEER_KEY_WRONG: {
    title: '对方服务器不接受我们的密钥',
    todo: '请核对这里为它填写的 securityKey（或 peerKey）与它自己配置中的是否一致。',
  },
  PEER_ANSWER_INVALID: { title: '应答不是来自预期的服务器', todo: '该地址上是不是有代理或其他程序？' },
  PEER_SELF: { title: '地址又指回了服务器自己', todo: '请改正该服务器的 url。' },
  PEER_DUPLICATE: {
    title: '两台服务器的身份相同',
    todo: '要么两个名称填了同一台服务器的 url，要么复制过数据文件夹。请在复制出来的那台上停止程序，删除 .imagefleet-id 和 catalog.sqlite*，它会从其他服务器补齐。',
  },
  PEER_FAILED: { title: '对方服务器出错', todo: '请查看那台服务器的日志。' },
  CLOCK_SKEW: { title: '两台服务器的时钟不一致', todo: '请用 NTP 校准两台服务器的时间。' },
  VERSION_AHEAD: { title: '版本时间超前', todo: '写入该版本的服务器时钟快了，请用 NTP 校准。' },
  PEER_DISK_FULL: { title: '对方服务器磁盘已满', todo: '请清理那台服务器的磁盘，副本随后会自动补齐。' },
  DIGEST_MISMATCH: { title: '数据在传输或磁盘上损坏', todo: '无需处理：会自动重试。' },
  OWN_COPY_MISSING: {
    title: '源服务器上的文件丢失',
    todo: '请在那台服务器上运行 “imagefleet verify”，它会从其他服务器取回。',
  },
  OWN_COPY_DAMAGED: { title: '源服务器上的文件已损坏', todo: '文件内容与上传时不同，请放回完好的文件，然后重新同步。' },
  PROBE_REFUSED: { title: '服务器拒绝或中断了连接', todo: '那里的程序在运行吗？监听的是这个端口吗？' },
  PROBE_TIMEOUT: {
    title: '探测没有及时得到应答',
    todo: '请查看服务器是否在运行、程序是否卡住，以及防火墙是否丢弃了数据包。',
  },
  PROBE_UNREACHABLE: { title: '没有通往服务器的路由', todo: '请查看服务器是否开机，以及途中的路由和防火墙。' },
  PROBE_STATUS: { title: '探测得到的 HTTP 状态码不对', todo: '请打开探测的地址，并查看那里的日志。' },
  PROBE_BODY: { title: '探测的应答中没有预期的文字', todo: '请打开探测的地址，与预期的文字核对。' },
  PROBE_ANSWER_INVALID: {
    title: '探测的应答不是 HTTP',
    todo: '该端口上的程序使用 HTTP 吗？要求 HTTPS 时，它支持 HTTPS 吗？',
  },
  PROBE_CERTIFICATE: {
    title: '服务器的证书无效',
    todo: '请更新证书，或签发包含此名称的证书；自建的 CA 用 NODE_EXTRA_CA_CERTS 指定。',
  },
  PROBE_NOT_MADE: {
    title: '无法进行探测',
    todo: '这不说明服务器有问题。请查看本机的打开文件数（ulimit -n）、端口、路由和防火墙。',
  },
  NAME_UNRESOLVED: { title: '名称没有解析出地址', todo: '请改正名称，或查看本机的 DNS 服务器和 hosts 文件。' },
  HISTORY_UNAVAILABLE: {
    title: '历史记录暂时无法读写',
    todo: '监控不受影响。请检查磁盘，以及是否有别的程序打开了 monitor.sqlite；会自动重试。',
  },
  HOOK_FAILED: {
    title: '钩子执行失败',
    todo: '请手动运行该钩子，或查看日志中它的输出；下次状态变化时会再次执行。',
  },
  HOOK_TIMEOUT: { title: '钩子执行超时', todo: '该钩子已被终止。请让它更快结束，或调大它的 timeout。' },
  MONITOR_ISOLATED: {
    title: '监控自身的网络中断',
    todo: '请检查运行监控的那台机器的网络；在此期间状态文件保持不变。',
  },
};

// Makes a fresh clone ready: `npm start` and `npm test` run this first. Plain JavaScript for Node 20 and later, with
// nothing installed, because it is what installs. With --tests it also gets the programs that a few tests need.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Without one a browser shows Chinese as boxes, on its screenshots as well. */
const CHINESE_FONT = 'fonts-noto-cjk';

/** Programs that tests skip without, and the Debian packages that hold them. */
const TEST_PROGRAMS = [
  {
    tests: 'the tests with .NET (agent/test/aspnet-pack.test.ts and legacy-client.test.ts)',
    commands: ['mcs', 'mono'],
    packages: [
      'mono-mcs',
      'mono-runtime',
      'libmono-system-core4.0-cil',
      'libmono-system-configuration4.0-cil',
      'libmono-system-web4.0-cil',
    ],
  },
  {
    tests: 'the trace of the system calls of one upload (agent/test/syscalls.test.ts)',
    commands: ['strace'],
    packages: ['strace'],
  },
  {
    tests: 'the power cuts (agent/test/powercut.test.ts)',
    commands: ['mkfs.ext4', 'mkfs.xfs', 'xfs_io'],
    packages: ['e2fsprogs', 'xfsprogs'],
  },
  {
    tests: 'the disks that fail on demand (agent/test/disk-faults.test.ts)',
    commands: ['gcc'],
    packages: ['gcc', 'libc6-dev'],
  },
  {
    tests: 'the hosts that are cut off (agent/test/network-cuts.test.ts)',
    commands: ['ip', 'nft'],
    packages: ['iproute2', 'nftables'],
  },
  {
    tests: 'the address that moves to another host (agent/test/virtual-address.test.ts)',
    commands: ['arping', 'flock'],
    packages: ['iputils-arping', 'util-linux'],
  },
  {
    tests: 'the console in a browser (desktop/test)',
    // Any of them will do; another one is named in the environment variable CHROMIUM.
    anyOf: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    packages: ['chromium', CHINESE_FONT],
  },
];

/**
 * A program that one test runs, unpacked and not installed: its package would start a web server on port 80. Where it is
 * installed anyway, that one is taken.
 */
const NGINX_FOLDER = join(root, 'node_modules/.cache/nginx');

function say(sentence) {
  process.stdout.write(`set-up: ${sentence}\n`);
}

/** Runs a command in the project's folder with its output shown; answers whether it succeeded. */
function run(command, args, env = {}, cwd = root) {
  say(`${command} ${args.join(' ')}`);
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    // npm is a batch file on Windows, which only a shell starts.
    shell: process.platform === 'win32',
  });
  if (error !== undefined) say(`${command} did not start: ${error.message}`);
  return status === 0;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages ?? {};
  } catch {
    // Missing or cut off by an interrupted install: both mean that nothing can be relied on.
    return undefined;
  }
}

/**
 * Why node_modules is not what the lock file asks for, or undefined when it is. npm writes its own lock file into
 * node_modules at the very end of an install. The contents are compared, not the times: git gives files new times.
 */
function staleReason() {
  const locked = readPackages('package-lock.json');
  if (locked === undefined) throw new Error('package-lock.json is missing or damaged; get it back with git.');
  const installed = readPackages('node_modules/.package-lock.json');
  if (installed === undefined) return 'node_modules is missing or incomplete';
  for (const [name, entry] of Object.entries(locked)) {
    const found = installed[name];
    // The root itself is not listed there, nor are optional packages for other platforms.
    if (name === '' || (found === undefined && entry.optional === true)) continue;
    if (found === undefined) return `${name} is not installed`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${name} is another version`;
  }
  return undefined;
}

function installPackages() {
  const reason = staleReason();
  if (reason === undefined) return;
  say(`${reason}: installing what package-lock.json lists.`);
  // On Windows a program that runs cannot be deleted, and this one may be the Node of node_modules: `npm ci` would fail.
  const verb = process.platform === 'win32' && installedNodeRuns() ? 'install' : 'ci';
  if (!run('npm', [verb, '--no-audit', '--no-fund'])) {
    throw new Error('npm could not install the packages; its own message stands above.');
  }
}

function installedNodeRuns() {
  return process.execPath.startsWith(join(root, 'node_modules'));
}

function isOnPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

/** What a test program lacks, as people name it. */
function absentOf({ commands = [], anyOf = [] }) {
  const absent = commands.filter((command) => !isOnPath(command));
  if (anyOf.length === 0 || anyOf.some(isOnPath) || (process.env.CHROMIUM ?? '') !== '') return absent;
  return [...absent, anyOf[0]];
}

/** Whether the system says that it has no font for Chinese; where it cannot say, nothing is done about it. */
function lacksChineseFont() {
  if (!isOnPath('fc-list')) return false;
  const { status, stdout } = spawnSync('fc-list', [':lang=zh', 'family'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === '';
}

function installTestPrograms() {
  const missing = TEST_PROGRAMS.filter((program) => absentOf(program).length > 0);
  const canInstall = process.getuid?.() === 0 && isOnPath('apt-get');
  const packages = missing.flatMap((program) => program.packages);
  if (canInstall && !packages.includes(CHINESE_FONT) && lacksChineseFont()) packages.push(CHINESE_FONT);
  if (canInstall && packages.length > 0) {
    const whom = missing.map(({ tests }) => tests).join(' and ') || 'the screenshots of the console';
    say(`${whom} need programs that are not here: getting them from Debian.`);
    const options = ['-qq', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20'];
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', ...options], env);
    run('apt-get', ['install', '-y', '--no-install-recommends', ...options, ...packages], env);
  }
  for (const program of missing) {
    const absent = absentOf(program);
    if (absent.length === 0) continue;
    const why = canInstall ? 'apt-get could not install them' : 'only root on Debian gets them by itself';
    const names = program.packages.join(' ');
    say(`${program.tests} will be skipped without ${absent.join(' and ')}; ${why} (packages: ${names}).`);
  }
}

function unpackNginx() {
  if (isOnPath('nginx') || existsSync(join(NGINX_FOLDER, 'usr/sbin/nginx'))) return;
  const canUnpack = process.getuid?.() === 0 && isOnPath('apt-get') && isOnPath('dpkg');
  if (canUnpack) {
    mkdirSync(NGINX_FOLDER, { recursive: true });
    // Without the option apt downloads as another user, who may not write here.
    const download = () =>
      run('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', 'nginx'], {}, NGINX_FOLDER);
    if (!download()) {
      run('apt-get', ['update', '-qq']);
      download();
    }
    for (const file of readdirSync(NGINX_FOLDER).filter((name) => name.endsWith('.deb'))) {
      run('dpkg', ['-x', file, '.'], {}, NGINX_FOLDER);
    }
  }
  if (existsSync(join(NGINX_FOLDER, 'usr/sbin/nginx'))) return;
  say('the test with nginx (agent/test/nginx-status.test.ts) will be skipped without nginx; install it to run it.');
}

try {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_MAJOR) {
    throw new Error(`Node ${OLDEST_MAJOR} or later is needed to set up; this is ${process.version}. See nodejs.org.`);
  }
  installPackages();
  if (process.argv.includes('--tests')) {
    installTestPrograms();
    unpackNginx();
  }
} catch (error) {
  process.stderr.write(`set-up: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

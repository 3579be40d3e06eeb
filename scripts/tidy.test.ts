import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '@imagefleet/shared/common/errors/error-codes.ts';

/** Rules of the house that no linter knows. */
const ROOT = join(import.meta.dirname, '..');
const MAX_LINES = 300;
const TEXT = new Set([
  '.ts',
  '.tsx',
  '.css',
  '.html',
  '.mjs',
  '.js',
  '.json',
  '.md',
  '.yml',
  '.yaml',
  '.xml',
  '.service',
  '.svg',
  '.cs',
  '',
]);

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const sources = files.filter((file) => /\.(tsx?|mjs|cs)$/.test(file));
const texts = files.filter((file) => TEXT.has(extname(file)) && file !== 'package-lock.json');
const pages = files.filter((file) => file.endsWith('.md'));

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function linesOf(file: string): readonly string[] {
  return read(file).split('\n');
}

/** `file:line: text` of every line that matches. */
function matches(inFiles: readonly string[], pattern: RegExp): readonly string[] {
  return inFiles.flatMap((file) =>
    linesOf(file).flatMap((line, index) =>
      pattern.test(line) ? [`${file}:${String(index + 1)}: ${line.trim().slice(0, 100)}`] : [],
    ),
  );
}

/** The lines of the fenced blocks of a page that are commands, without the remarks behind them. */
function commandsOf(page: string): readonly string[] {
  const blocks = [...read(page).matchAll(/^```(?:sh|powershell)\n(.*?)^```/gms)].map((match) => match[1] ?? '');
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').trimEnd())
    .filter((line) => line !== '');
}

function headingLevelsOf(page: string): readonly number[] {
  const prose = read(page).replace(/^```.*?^```/gms, '');
  return [...prose.matchAll(/^(#+) /gm)].map((match) => match[1]?.length ?? 0);
}

/** An anchor as GitHub makes it of a heading. */
function anchorsOf(page: string): readonly string[] {
  const prose = read(page).replace(/^```.*?^```/gms, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

describe('the house', () => {
  it('has files to look at', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(pages.length).toBeGreaterThan(5);
  });

  it('keeps every source file short', () => {
    const tooLong = sources.filter((file) => linesOf(file).length - 1 > MAX_LINES);
    expect(tooLong).toEqual([]);
  });

  it('names files after what they hold', () => {
    const vague = /^(utils?|helpers?|managers?|misc|common)\.|[-.](utils?|helpers?|manager)\./;
    expect(files.filter((file) => vague.test(basename(file)) && !basename(file).startsWith('tsconfig'))).toEqual([]);
    expect(sources.filter((file) => /[A-Z_]/.test(basename(file)) && file.endsWith('.ts'))).toEqual([]);
  });

  it('has no barrels', () => {
    expect(files.filter((file) => /^index\.(ts|js|mjs)$/.test(basename(file)))).toEqual([]);
  });

  it('leaves nothing for later in the code', () => {
    const markers = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
    expect(matches(sources, markers)).toEqual([]);
  });

  it('switches no rule off without saying why', () => {
    const silent = sources.flatMap((file) => {
      const lines = linesOf(file);
      return lines.flatMap((line, index) => {
        if (!/(eslint-disable|@ts-(ignore|nocheck|expect-error))/.test(line) || file === 'scripts/tidy.test.ts')
          return [];
        const isArgued = / -- \S/.test(line) || /^\s*(\/\/|\*)/.test(lines[index - 1] ?? '');
        return isArgued ? [] : [`${file}:${String(index + 1)}`];
      });
    });
    expect(silent).toEqual([]);
  });

  it('runs all tests it has', () => {
    const tests = sources.filter((file) => file.endsWith('.test.ts') && file !== 'scripts/tidy.test.ts');
    expect(matches(tests, /\b(it|test|describe)\.(only|todo|skip)\(/)).toEqual([]);
  });

  it('knows no path and no registry of the machine it was written on', () => {
    const places = ['work', 'root', 'tmp/exp'].join('|');
    expect(matches(texts, new RegExp(`(?<![\\w.$}*-])/(${places})/`))).toEqual([]);
    const hosts = [...read('package-lock.json').matchAll(/"resolved": "(https?:\/\/[^/]+)/g)].map((match) => match[1]);
    expect(hosts.filter((host) => host !== 'https://registry.npmjs.org')).toEqual([]);
  });

  it('provokes every error code in some test', () => {
    const tests = sources.filter((file) => /\.test\.ts$|\/testing\/|^agent\/test\//.test(file));
    const text = tests.map(read).join('\n');
    expect(Object.keys(ERROR_CODES).filter((code) => !new RegExp(`\\b${code}\\b`).test(text))).toEqual([]);
  });

  it('has one version number', () => {
    const versions = files
      .filter((file) => basename(file) === 'package.json')
      .map((file) => (JSON.parse(read(file)) as { version: string }).version);
    expect(new Set(versions).size).toBe(1);
    expect(read('CHANGELOG.md')).toContain(versions[0]);
    const inCode = matches(
      files.filter((file) => file.startsWith('agent/src/')),
      /\bVERSION = '/,
    );
    expect(inCode.length).toBe(1);
    expect(inCode[0]).toContain(`'${versions[0] ?? ''}'`);
  });
});

describe('the pages', () => {
  it.each([
    'README',
    'build/README',
    'build/windows/README',
    'docs/examples/README',
    'docs/console',
    'docs/failover',
    'docs/health',
    'docs/monitor',
    'docs/probes',
    'docs/replaced-disk',
    'docs/resolver',
    'docs/status-files',
    'shared/aspnet/README',
  ])('%s says the same in both languages', (page) => {
    expect(headingLevelsOf(`${page}.zh-CN.md`)).toEqual(headingLevelsOf(`${page}.md`));
    expect(commandsOf(`${page}.zh-CN.md`)).toEqual(commandsOf(`${page}.md`));
    expect(commandsOf(`${page}.md`).length).toBeGreaterThan(0);
  });

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap((page) => [...read(page).matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] ?? ''));
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('names only error codes that exist', () => {
    const known = new Set(Object.keys(ERROR_CODES));
    const named = [...read('docs/api.md').matchAll(/^\| `([A-Z_]+)` /gm)].map((match) => match[1] ?? '');
    expect(named.filter((code) => !known.has(code))).toEqual([]);
    expect([...known].filter((code) => !named.includes(code))).toEqual([]);
  });

  it('links to what is there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/(?:\]\(|src(?:set)?=")([^)\s"]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const [path = '', anchor] = link.split('#');
          const target = path === '' ? page : join(dirname(page), path);
          if (!existsSync(join(ROOT, target))) return true;
          return anchor !== undefined && !anchorsOf(target).includes(decodeURIComponent(anchor));
        })
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { runCli } from './testing/run-cli.ts';

const COMMANDS = ['fleet', 'agent', 'upload', 'status', 'errors', 'replay', 'import-legacy'];

describe('the command line', () => {
  it.each(COMMANDS)('teaches %s by examples, in both languages', async (name) => {
    const english = await runCli([name, '--help']);
    expect(english.code).toBe(0);
    expect(english.out).toContain('Examples:');
    expect(english.out).not.toMatch(/[\u4e00-\u9fff]/);
    const chinese = await runCli([name, '--help'], { language: 'zh' });
    expect(chinese.out).toContain('示例：');
    expect(chinese.out).toMatch(new RegExp(`\\$ imagefleet ${name}`));
  });

  it('lists every command', async () => {
    const { out, code } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const name of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it.each([
    [['fly'], "unknown command 'fly'", '没有这个命令：fly'],
    [['status', '--colour'], "unknown option '--colour'", '没有这个选项：--colour'],
    [['upload'], "missing required argument 'paths'", '缺少参数：paths'],
    [['status', '--key'], "option '--key <key>' argument missing", '选项缺少值：--key <key>'],
  ])('refuses %j in a sentence and ends with 2', async (args, english, chinese) => {
    const said = await runCli(args);
    expect(said.code).toBe(2);
    expect(said.err).toContain(english);
    expect((await runCli(args, { language: 'zh' })).err).toContain(chinese);
  });

  it('shows the help and ends with 2 when it is called without a command', async () => {
    const { code, err } = await runCli([]);
    expect(code).toBe(2);
    expect(err).toContain('Usage: imagefleet');
  });

  it('prints its version alone', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, out: '0.1.0' });
  });

  it('refuses two configurations at once, and tells where one cannot be read', async () => {
    expect(await runCli(['agent', '--config', 'a', '--web-config', 'b'])).toMatchObject({ code: 2 });
  });
});

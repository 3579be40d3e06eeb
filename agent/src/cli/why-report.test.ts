import { describe, expect, it } from 'vitest';
import type { Verdict, VerdictRule } from '@imagefleet/shared/common/health/verdict.ts';
import { verdict as verdictSchema } from '@imagefleet/shared/common/operator/monitor-schemas.ts';
import { aVerdict } from '#monitor/testing/fake-monitor-view.ts';
import { whyLines } from './why-report.ts';

/** A verdict for each rule, and what comes next in both languages. */
const CASES: Readonly<Record<VerdictRule, readonly [Partial<Verdict>, RegExp, RegExp]>> = {
  'first-look': [{ state: 'unknown' }, /first answer begins the warm-up; up 10 s later/, /第一次应答后开始预热/],
  'warming-up': [{ state: 'warming', warmUpLeftMs: 6000 }, /up in 6\.0 s if it goes on answering/, /6\.0 s 后在线/],
  'warmed-up': [{ state: 'up', failuresInRow: 1 }, /down after 2 failures in a row/, /再连续失败 2 次则离线/],
  failures: [{ state: 'down', failuresInRow: 3 }, /up 10 s later at the earliest/, /最早 10 s 后在线/],
  'witnesses-reach-it': [{ state: 'up', failuresInRow: 9 }, /the others are asked again/, /继续询问其他节点/],
  'witnesses-miss-it': [{ state: 'down' }, /first answer begins/, /第一次应答后/],
  'network-proven': [{ state: 'down' }, /first answer begins/, /第一次应答后/],
  'silence-unconfirmed': [{ state: 'down' }, /first answer begins/, /第一次应答后/],
  isolated: [{ state: 'unknown' }, /first answer of any server/, /任何一台服务器有应答/],
  'own-failure': [{ state: 'unknown' }, /as soon as probes can be made/, /能够发出探测后/],
  maintenance: [{ state: 'maintenance' }, /"imagefleet maintenance s2 off" ends it/, /“imagefleet maintenance s2 off”/],
};
const RULES = Object.keys(CASES) as VerdictRule[];

describe('what is told of a verdict', () => {
  it.each(RULES)('has a sentence for the rule %s and for what comes next, in both languages', (rule) => {
    const [overrides, english, chinese] = CASES[rule];
    const verdict = aVerdict({ rule, ...overrides });
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
    const [, rules, ...more] = whyLines(verdict, 'en', 2000);
    expect(rules).toMatch(/^[A-Z\d].*[.]$/);
    expect(more.find((line) => line.startsWith('Next: '))).toMatch(english);
    const [, ruleInChinese, ...moreInChinese] = whyLines(verdict, 'zh', 2000);
    expect(ruleInChinese).toMatch(/[\u4e00-\u9fff].*。$/);
    expect(moreInChinese.find((line) => line.startsWith('接下来：'))).toMatch(chinese);
  });

  it('has different sentences for different rules', () => {
    for (const language of ['en', 'zh'] as const) {
      const sentences = RULES.map((rule) => whyLines(aVerdict({ rule }), language, 2000)[1]);
      expect(new Set(sentences).size).toBe(RULES.length);
    }
  });

  it('says whether copies go to a server where the state alone does not tell', () => {
    const lines = (overrides: Partial<Verdict>) => whyLines(aVerdict(overrides), 'en', 2000).join('\n');
    expect(lines({ state: 'warming', rule: 'warming-up' })).toContain('It can be reached.');
    expect(lines({ state: 'up', reachability: 'doubted' })).toContain('quick probes find out');
    expect(lines({ state: 'maintenance', reachability: 'unreachable' })).toContain('copies for an agent are parked');
    expect(lines({ state: 'unknown', reachability: 'unknown' })).toContain('is not known');
    expect(lines({ state: 'up' })).not.toContain('reached');
    expect(lines({ state: 'down', rule: 'failures', reachability: 'unreachable' })).not.toContain('reached');
  });

  it('waits for as many answers as are needed when the warm-up is shorter', () => {
    const settings = { ...aVerdict().settings, warmUpMs: 0, rise: 6 };
    const lines = whyLines(aVerdict({ state: 'down', rule: 'failures', settings }), 'en', 2000);
    expect(lines.join('\n')).toContain('up 2.0 s later at the earliest');
    expect(lines).toContain('No probe has ended yet.');
  });
});

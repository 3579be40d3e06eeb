import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { NameLookup, type NameAnswer } from './name-lookup.ts';

const MINUTE_MS = 60_000;

/** A look-up on a clock of its own, whose questions the test answers. */
function namesOf() {
  const clock = { nowMs: 0 };
  const asked: {
    readonly host: string;
    readonly answer: (...addresses: string[]) => void;
    readonly fail: (code: string) => void;
  }[] = [];
  const names = new NameLookup({
    monotonic: () => clock.nowMs,
    ttlMs: MINUTE_MS,
    negativeTtlMs: 5000,
    lookup: (host, done) => {
      const toAddress = (address: string): LookupAddress => ({ address, family: 4 });
      asked.push({
        host,
        answer: (...addresses) => done(null, addresses.map(toAddress)),
        fail: (code) => done(Object.assign(new Error(code), { code }), []),
      });
    },
  });
  const find = (host: string): { answers: NameAnswer[]; leave: () => void } => {
    const answers: NameAnswer[] = [];
    const leave = names.find(host, (answer) => answers.push(answer));
    return { answers, leave };
  };
  return { names, clock, asked, find };
}

describe('addresses of names', () => {
  it('are asked for once by all who want them, and then known', () => {
    const { asked, find } = namesOf();
    const [first, second] = [find('a.test'), find('a.test')];
    expect(first.answers).toEqual([]);
    asked[0]?.answer('10.0.0.1', '10.0.0.2');
    for (const { answers } of [first, second, find('a.test')]) {
      expect(answers).toEqual([{ addresses: ['10.0.0.1', '10.0.0.2'] }]);
    }
    expect(asked).toHaveLength(1);
  });

  it('are looked up two at a time, in order', () => {
    const { asked, find } = namesOf();
    const finds = ['a', 'b', 'c', 'd'].map((host) => find(host));
    expect(asked.map(({ host }) => host)).toEqual(['a', 'b']);
    asked[1]?.answer('10.0.0.2');
    expect(asked.map(({ host }) => host)).toEqual(['a', 'b', 'c']);
    for (const index of [0, 2, 3]) asked[index]?.answer('10.0.0.1');
    expect(finds.map(({ answers }) => answers.length)).toEqual([1, 1, 1, 1]);
  });

  it('out of date are given at once, and renewed behind it', () => {
    const { asked, find, clock } = namesOf();
    find('a.test');
    asked[0]?.answer('10.0.0.1');
    clock.nowMs = MINUTE_MS;
    expect(find('a.test').answers).toEqual([{ addresses: ['10.0.0.1'] }]);
    expect(find('a.test').answers).toHaveLength(1);
    expect(asked).toHaveLength(2);
    asked[1]?.answer('10.0.0.9');
    expect(find('a.test').answers).toEqual([{ addresses: ['10.0.0.9'] }]);
    expect(asked).toHaveLength(2);
  });

  it('outlive an outage of DNS, for an hour', () => {
    const { asked, find, clock } = namesOf();
    find('a.test');
    asked[0]?.answer('10.0.0.1');
    for (clock.nowMs = MINUTE_MS; clock.nowMs <= 60 * MINUTE_MS; clock.nowMs += MINUTE_MS) {
      expect(find('a.test').answers).toEqual([{ addresses: ['10.0.0.1'] }]);
      asked.at(-1)?.fail('EAI_AGAIN');
    }
    clock.nowMs = 62 * MINUTE_MS;
    const late = find('a.test');
    expect(late.answers).toEqual([]);
    asked.at(-1)?.fail('EAI_AGAIN');
    expect(late.answers).toEqual([{ errno: 'EAI_AGAIN' }]);
  });

  it('that are none are asked for again after a while only', () => {
    const { asked, find, clock } = namesOf();
    const first = find('a.test');
    asked[0]?.fail('ENOTFOUND');
    expect([first.answers, find('a.test').answers]).toEqual([[{ errno: 'ENOTFOUND' }], [{ errno: 'ENOTFOUND' }]]);
    expect(asked).toHaveLength(1);
    clock.nowMs = 5000;
    find('a.test');
    expect(asked).toHaveLength(2);
    asked[1]?.answer();
    expect(find('a.test').answers).toEqual([{ errno: 'ENOTFOUND' }]);
  });

  it('are not told to who no longer waits', () => {
    const { asked, find } = namesOf();
    const gone = find('a.test');
    gone.leave();
    asked[0]?.answer('10.0.0.1');
    expect(gone.answers).toEqual([]);
  });

  it('stand in the order in which they answer, also after a renewal, and are four at most', () => {
    const { names, asked, find, clock } = namesOf();
    find('a.test');
    asked[0]?.answer('10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5');
    names.demote('a.test', '10.0.0.1');
    names.demote('a.test', '10.0.0.1');
    names.demote('b.test', '10.0.0.1');
    clock.nowMs = MINUTE_MS;
    find('a.test');
    asked[1]?.answer('10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4');
    expect(find('a.test').answers).toEqual([{ addresses: ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.1'] }]);
  });

  it('are the system’s own, hosts file and all', async () => {
    const found = new Promise((resolve) => new NameLookup({ monotonic: () => 0 }).find('localhost', resolve));
    const expected = await new Promise<readonly string[]>((resolve) => {
      systemLookup('localhost', { all: true }, (_error, all) => resolve(all.map(({ address }) => address)));
    });
    expect(await found).toEqual({ addresses: expected });
  });
});

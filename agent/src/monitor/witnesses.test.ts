import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReachAnswer } from '@imagefleet/shared/common/health/reach.ts';
import { Witnesses, type Witness } from './witnesses.ts';

const TARGET = { name: 's2', host: '10.0.0.2', port: 7401 };

/** Questions that reached each witness, as the addresses in them. */
let questions: Map<string, (readonly ServerAddress[])[]>;
const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  questions = new Map();
});

afterEach(() => {
  vi.useRealTimers();
});

function witness(
  name: string,
  answer: ReachAnswer | 'silent' | 'refuses' = 'reached',
  address: ServerAddress = { host: `10.0.1.${name.slice(1)}`, port: 7401 },
): Witness {
  return {
    ...{ name, ...address },
    reach: (addresses) => {
      questions.set(name, [...(questions.get(name) ?? []), addresses]);
      if (answer === 'silent') return new Promise(() => undefined);
      if (answer === 'refuses') return Promise.reject(new Error('no such question'));
      return Promise.resolve(addresses.map(() => answer));
    },
  };
}

describe('the witnesses', () => {
  it('have a vote each, but for those who cannot say, refuse the question, or are silent', async () => {
    const witnesses = new Witnesses({
      witnesses: [
        witness('s3'),
        witness('s4', 'unreached'),
        witness('s5', 'unreached'),
        witness('s6', 'cannotSay'),
        witness('s7', 'refuses'),
        witness('s8', 'silent'),
      ],
    });
    const votes = witnesses.ask(TARGET, never);
    await vi.advanceTimersByTimeAsync(500);
    expect(await votes).toEqual({ reached: 1, unreached: 2 });
  });

  it('have none on the machine of the one who asks', async () => {
    const witnesses = new Witnesses({ witnesses: [witness('s3'), witness('s4', 'unreached')] });
    expect(witnesses.hosts()).toEqual(['10.0.1.3', '10.0.1.4']);
    expect(witnesses.leaveOut(new Set(['10.0.1.4']))).toEqual(['s4']);
    expect(witnesses.count).toBe(1);
    const votes = witnesses.ask(TARGET, never);
    await vi.advanceTimersByTimeAsync(500);
    expect(await votes).toEqual({ reached: 1, unreached: 0 });
  });

  it('are heard at once when all have answered', async () => {
    const votes = new Witnesses({ witnesses: [witness('s3'), witness('s4')] }).ask(TARGET, never);
    await vi.advanceTimersByTimeAsync(20);
    expect(await votes).toEqual({ reached: 2, unreached: 0 });
  });

  it('do not vote later: what was answered stays as it was', async () => {
    const late = Promise.withResolvers<readonly ReachAnswer[]>();
    const witnesses = new Witnesses({ witnesses: [{ ...witness('s3'), reach: () => late.promise }] });
    const asked = witnesses.ask(TARGET, never);
    await vi.advanceTimersByTimeAsync(500);
    const votes = await asked;
    late.resolve(['reached']);
    await vi.advanceTimersByTimeAsync(0);
    expect(votes).toEqual({ reached: 0, unreached: 0 });
  });

  it('do not testify for themselves, nor for what shares their machine', async () => {
    const witnesses = new Witnesses({
      witnesses: [
        witness('s2'),
        witness('x2', 'reached', { host: '10.0.0.2', port: 7401 }),
        witness('x3', 'reached', { host: '10.0.0.2', port: 9999 }),
        witness('s4', 'unreached'),
      ],
    });
    const votes = witnesses.ask(TARGET, never);
    await vi.advanceTimersByTimeAsync(20);
    expect(await votes).toEqual({ reached: 0, unreached: 1 });
    expect([...questions.keys()]).toEqual(['s4']);
  });

  it('are asked about a loopback address only when they are on this machine themselves', async () => {
    const witnesses = new Witnesses({
      witnesses: [witness('s3'), witness('s4', 'reached', { host: '127.0.0.1', port: 7404 })],
    });
    const votes = witnesses.ask({ name: 's2', host: 'localhost', port: 7402 }, never);
    await vi.advanceTimersByTimeAsync(20);
    expect([await votes, [...questions.keys()]]).toEqual([{ reached: 1, unreached: 0 }, ['s4']]);
  });

  it('get one question for fifty servers that fall silent together', async () => {
    const witnesses = new Witnesses({ witnesses: [witness('s3'), witness('s4')] });
    const targets = Array.from({ length: 50 }, (_, index) => ({
      ...TARGET,
      name: `t${String(index)}`,
      port: index + 1,
    }));
    const votes = [...targets, ...targets].map((target) => witnesses.ask(target, never));
    await vi.advanceTimersByTimeAsync(20);
    expect(await Promise.all(votes)).toEqual(votes.map(() => ({ reached: 2, unreached: 0 })));
    expect(['s3', 's4'].map((name) => questions.get(name)?.map(({ length }) => length))).toEqual([[50], [50]]);
  });

  it('get so many questions at the same time and no more, of so many servers each', async () => {
    const witnesses = new Witnesses({ witnesses: [witness('s3', 'silent')], limitMs: 60_000 });
    const targets = Array.from({ length: 3000 }, (_, index) => ({ ...TARGET, name: String(index), port: index + 1 }));
    const votes = targets.map((target) => witnesses.ask(target, never));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await Promise.all(votes)).toEqual(votes.map(() => ({ reached: 0, unreached: 0 })));
    expect(questions.get('s3')?.map(({ length }) => length)).toEqual(Array.from({ length: 8 }, () => 256));
  });

  it('are not waited for when nobody wants to know any more, or we stop', async () => {
    const witnesses = new Witnesses({ witnesses: [witness('s3', 'silent')] });
    const stop = new AbortController();
    const first = witnesses.ask(TARGET, stop.signal);
    stop.abort();
    expect(await first).toEqual({ reached: 0, unreached: 0 });
    const second = witnesses.ask(TARGET, never);
    witnesses.stop();
    expect(await second).toEqual({ reached: 0, unreached: 0 });
    expect(await witnesses.ask(TARGET, never)).toEqual({ reached: 0, unreached: 0 });
  });
});

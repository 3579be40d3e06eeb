import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerPlan } from './monitor-ports.ts';
import { ProbeSchedule } from './probe-schedule.ts';

/** What a timer of whole milliseconds and the joining of probes may add. */
const TOLERANCE_MS = 21;

class NamedSchedule extends ProbeSchedule<ServerPlan> {
  readonly #plans = new Map<string, ServerPlan>();

  planNamed(name: string, dueAtMs: number): void {
    const plan = this.#plans.get(name) ?? new ServerPlan(name);
    this.#plans.set(name, plan);
    this.plan(plan, dueAtMs);
  }
}

/** A schedule on a virtual clock that writes down what became due, and when. */
function scheduleOf(onDue?: (schedule: NamedSchedule, name: string, dueAtMs: number) => void) {
  const clock = { sleptMs: 0 };
  const monotonic = (): number => performance.now() + clock.sleptMs;
  const begun: { readonly name: string; readonly atMs: number; readonly dueAtMs: number }[] = [];
  const schedule = new NamedSchedule({
    monotonic,
    onDue: ({ name }, dueAtMs) => {
      begun.push({ name, atMs: monotonic(), dueAtMs });
      onDue?.(schedule, name, dueAtMs);
    },
  });
  return { schedule, begun, clock, monotonic };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the schedule of probes', () => {
  it('begins each at its time, once', () => {
    const { schedule, begun, monotonic } = scheduleOf();
    const startMs = monotonic();
    schedule.start();
    schedule.planNamed('late', startMs + 500);
    schedule.planNamed('soon', startMs + 100);
    vi.advanceTimersByTime(99);
    expect(begun).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(begun.map(({ name, atMs }) => [name, atMs - startMs])).toEqual([
      ['soon', 100],
      ['late', 500],
    ]);
  });

  it('begins nothing before its start and after its stop, and keeps what is planned', () => {
    const { schedule, begun, monotonic } = scheduleOf();
    schedule.planNamed('a', monotonic());
    vi.advanceTimersByTime(100);
    expect(begun).toEqual([]);
    schedule.start();
    vi.advanceTimersByTime(1);
    schedule.stop();
    schedule.planNamed('b', monotonic() + 10);
    vi.advanceTimersByTime(100);
    expect(begun.map(({ name }) => name)).toEqual(['a']);
    schedule.start();
    vi.advanceTimersByTime(1);
    expect(begun.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('reaches plans that are further away than a timer', () => {
    const { schedule, begun, monotonic } = scheduleOf();
    const startMs = performance.now();
    schedule.start();
    schedule.planNamed('far', monotonic() + 40 * 86_400_000);
    // A timer for longer than it can be fires at once, and so again and again.
    vi.advanceTimersToNextTimer();
    expect(performance.now() - startMs).toBeGreaterThan(86_400_000);
    vi.advanceTimersByTime(15 * 86_400_000);
    expect(begun).toEqual([]);
    vi.advanceTimersByTime(2 * 86_400_000);
    expect(begun).toHaveLength(1);
  });

  it('does not drift: an hour of probes every two seconds is as many, none late', () => {
    const names = Array.from({ length: 50 }, (_, index) => `s${String(index)}`);
    const { schedule, begun, monotonic } = scheduleOf((own, name, dueAtMs) => own.planNamed(name, dueAtMs + 2000));
    const startMs = monotonic();
    schedule.start();
    for (const [index, name] of names.entries()) schedule.planNamed(name, startMs + index * 40);
    vi.advanceTimersByTime(3_600_000 - 1);
    expect(begun).toHaveLength(50 * 1800);
    expect(Math.max(...begun.map(({ atMs, dueAtMs }) => atMs - dueAtMs))).toBeLessThanOrEqual(TOLERANCE_MS);
  });

  it('goes on after a probe that could not even begin', () => {
    const { schedule, begun, monotonic } = scheduleOf((_own, name) => {
      if (name === 'bad') throw new Error('no');
    });
    schedule.start();
    schedule.planNamed('bad', monotonic() + 5);
    schedule.planNamed('good', monotonic() + 6);
    expect(() => vi.advanceTimersByTime(20)).toThrow('no');
    vi.advanceTimersByTime(20);
    expect(begun.map(({ name }) => name)).toEqual(['bad', 'good']);
  });
});

describe('what is due at once', () => {
  it('begins in parts, so that answers are read in between', () => {
    const { schedule, begun, monotonic } = scheduleOf();
    for (let index = 0; index < 500; index += 1) schedule.planNamed(String(index), monotonic());
    schedule.start();
    vi.advanceTimersToNextTimer();
    expect(begun.length).toBeGreaterThan(0);
    expect(begun.length).toBeLessThan(100);
    vi.advanceTimersByTime(TOLERANCE_MS);
    expect(begun).toHaveLength(500);
    expect(new Set(begun.map(({ name }) => name)).size).toBe(500);
  });

  it('after the machine slept for an hour is spread over two seconds', () => {
    const { schedule, begun, clock, monotonic } = scheduleOf((own, name, dueAtMs) =>
      own.planNamed(name, dueAtMs + 2000),
    );
    schedule.start();
    for (let index = 0; index < 1000; index += 1) schedule.planNamed(String(index), monotonic() + index * 2);
    vi.advanceTimersByTime(10_000);
    begun.length = 0;
    clock.sleptMs = 3_600_000;
    const wokeAtMs = monotonic();
    vi.advanceTimersByTime(6000);
    for (const part of [0, 1, 2, 3]) {
      const count = begun.filter(({ atMs }) => Math.floor((atMs - wokeAtMs) / 500) === part).length;
      expect(count).toBeGreaterThan(200);
      expect(count).toBeLessThan(300);
    }
    expect(begun.length).toBeLessThanOrEqual(3050);
  });
});

describe('the lag', () => {
  it('is told as of the last time it was asked for', () => {
    const { schedule, monotonic } = scheduleOf();
    schedule.start();
    const nothing = { count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 };
    expect(schedule.lag()).toEqual(nothing);
    schedule.planNamed('a', monotonic() - 300);
    schedule.planNamed('b', monotonic() - 100);
    vi.advanceTimersByTime(20);
    const { count, p50Ms, maxMs } = schedule.lag();
    expect(count).toBe(2);
    expect(p50Ms).toBeCloseTo(100, -1);
    expect(maxMs).toBeCloseTo(300, -1);
    expect(schedule.lag()).toEqual(nothing);
  });
});

type Step =
  | { readonly kind: 'plan'; readonly name: string; readonly inMs: number }
  | { readonly kind: 'pass'; readonly ms: number };

const target = fc.nat({ max: 30 }).map((index) => `s${String(index)}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('plan' as const),
      name: target,
      inMs: fc.integer({ min: -50, max: 300 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 100 }) }) },
);

describe('whatever is planned and replaced', () => {
  it('begins once, never early and never late', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const { schedule, begun, monotonic } = scheduleOf();
        const expected = new Map<string, { readonly dueAtMs: number; readonly plannedAtMs: number }>();
        let checked = 0;
        const check = (): void => {
          for (; checked < begun.length; checked += 1) {
            const it = begun[checked];
            const plan = it && expected.get(it.name);
            expect(plan?.dueAtMs).toBe(it?.dueAtMs);
            if (it === undefined || plan === undefined) continue;
            const earliestMs = Math.max(plan.dueAtMs, plan.plannedAtMs);
            expect(it.atMs).toBeGreaterThanOrEqual(earliestMs);
            expect(it.atMs).toBeLessThanOrEqual(earliestMs + TOLERANCE_MS);
            expected.delete(it.name);
          }
        };
        schedule.start();
        for (const one of steps) {
          if (one.kind === 'pass') vi.advanceTimersByTime(one.ms);
          check();
          if (one.kind !== 'plan') continue;
          const plan = { dueAtMs: monotonic() + one.inMs, plannedAtMs: monotonic() };
          schedule.planNamed(one.name, plan.dueAtMs);
          expected.set(one.name, plan);
        }
        vi.advanceTimersByTime(1000);
        check();
        expect(expected.size).toBe(0);
        schedule.stop();
      }),
    );
  });

  it('does not depend on how long probes take: those that never end delay nobody', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (silent, answering) => {
        // A silent target is planned again only after its timeout, an answering one at once: as a monitor does it.
        const { schedule, begun, monotonic } = scheduleOf((own, name, dueAtMs) => {
          if (name.startsWith('silent')) setTimeout(() => own.planNamed(name, dueAtMs + 2000), 1000);
          else own.planNamed(name, dueAtMs + 2000);
        });
        const startMs = monotonic();
        for (let index = 0; index < silent; index += 1) schedule.planNamed(`silent${String(index)}`, startMs + index);
        for (let index = 0; index < answering; index += 1) schedule.planNamed(`good${String(index)}`, startMs + index);
        schedule.start();
        vi.advanceTimersByTime(9999);
        expect(begun.filter(({ name }) => name.startsWith('good'))).toHaveLength(5 * answering);
        expect(Math.max(...begun.map(({ atMs, dueAtMs }) => atMs - dueAtMs))).toBeLessThanOrEqual(TOLERANCE_MS);
        schedule.stop();
        vi.clearAllTimers();
      }),
      { numRuns: 20 },
    );
  });
});

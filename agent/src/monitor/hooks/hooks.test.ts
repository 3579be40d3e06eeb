import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { contextOf, publicIncidentOf, transitionOf } from '../testing/hook-builders.ts';
import { recordedLogger, type LogLine } from '../testing/two-clocks.ts';
import type { HookEvent, HookEventKind } from './hook-event.ts';
import { MAX_WAITING } from './hook-line.ts';
import type { Hook, HookReport } from './hook.ts';
import { hooksOfConfig } from './hooks-of-config.ts';
import { Hooks } from './hooks.ts';

/** A hook that ends when the test says so. */
class HeldHook {
  readonly events: HookEvent[] = [];
  readonly #ends: ((report: HookReport) => void)[] = [];
  readonly hook: Hook;
  mostAtOnce = 0;
  #running = 0;

  constructor(
    parts: Partial<Omit<Hook, 'on'>> & { readonly on?: readonly HookEventKind[]; readonly name?: string } = {},
  ) {
    const { name = 'held', on = ['up', 'down'], kind = 'exec', servers = null } = parts;
    const run = (event: HookEvent, signal: AbortSignal): Promise<HookReport> => {
      this.events.push(event);
      this.#running += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () =>
          resolve({ output: '', failure: new FleetError('HOOK_TIMEOUT', 'stopped') }),
        );
        this.#ends.push(resolve);
      });
    };
    this.hook = { on: new Set(on), servers, kind, action: { name, run } };
  }

  get log(): readonly string[] {
    return this.events.map(({ event, server }) => `${server ?? '-'} ${event}`);
  }

  /** The oldest that runs ends. */
  async end(report: HookReport = { output: '', failure: null }): Promise<void> {
    this.#running -= 1;
    this.#ends.shift()?.(report);
    for (let count = 0; count < 3; count += 1) await turn();
  }
}

let lines: LogLine[];

function hooksOf(...held: readonly HeldHook[]): Hooks {
  const log = recordedLogger();
  lines = log.lines;
  return new Hooks({ hooks: held.map(({ hook }) => hook), logger: log.logger, monotonic: () => performance.now() });
}

function tell(hooks: Hooks, to: 'up' | 'down' | 'warming', server = 's1'): void {
  hooks.transition(transitionOf(to, { server }), contextOf());
}

let held: HeldHook;
beforeEach(() => {
  held = new HeldHook();
});

describe('hooks', () => {
  it('run for one server one after the other and in order, for others beside it', async () => {
    const hooks = hooksOf(held);
    tell(hooks, 'down', 's1');
    tell(hooks, 'up', 's1');
    tell(hooks, 'down', 's2');
    await turn();
    expect(held.log).toEqual(['s1 down', 's2 down']);
    await held.end();
    expect(held.log).toEqual(['s1 down', 's2 down', 's1 up']);
  });

  it('of programs share the line of a server, in the order of the configuration; a webhook waits for none of them', async () => {
    const second = new HeldHook();
    const webhook = new HeldHook({ kind: 'webhook' });
    const hooks = hooksOf(held, second, webhook);
    tell(hooks, 'down');
    await turn();
    expect([held.log, second.log, webhook.log]).toEqual([['s1 down'], [], ['s1 down']]);
    await held.end();
    expect(second.log).toEqual(['s1 down']);
  });

  it('get only what they asked for', async () => {
    const warming = new HeldHook({ on: ['warming'] });
    const ofTwo = new HeldHook({ servers: new Set(['s2']), on: ['down', 'incident'], kind: 'webhook' });
    const recoveries = new HeldHook({ on: ['recovery'], kind: 'webhook' });
    const hooks = hooksOf(warming, ofTwo, recoveries);
    tell(hooks, 'down', 's1');
    tell(hooks, 'down', 's2');
    tell(hooks, 'warming', 's2');
    hooks.notice({ what: 'incident', incident: publicIncidentOf() });
    hooks.notice({ what: 'incident', incident: publicIncidentOf({ servers: ['s1'] }) });
    hooks.notice({ what: 'recovery', incident: publicIncidentOf({ closedAt: Date.UTC(2026, 2, 10) }) });
    await turn();
    expect(warming.log).toEqual(['s2 warming']);
    expect(ofTwo.log).toEqual(['s2 down', '- incident']);
    expect(recoveries.events).toMatchObject([
      { event: 'recovery', at: '2026-03-10T00:00:00.000Z', incident: { id: 'i1' } },
    ]);
  });

  it('that are too slow see from where to where the server came, and how much they were spared', async () => {
    const hooks = hooksOf(held);
    tell(hooks, 'down');
    for (let count = 0; count < MAX_WAITING + 1; count += 1) tell(hooks, count % 2 === 0 ? 'up' : 'down');
    await turn();
    await held.end();
    expect(held.events[1]).toMatchObject({ from: 'down', to: 'up', coalesced: MAX_WAITING });
    expect(lines).toMatchObject([{ event: 'hook.coalesced' }, { event: 'hook.ran' }]);
    tell(hooks, 'down');
    await held.end();
    expect(held.events[2]).toMatchObject({ from: 'up', to: 'down', coalesced: 0 });
  });

  it('never run in endless number, and hold up nobody who tells of an event', async () => {
    const hooks = hooksOf(held);
    for (let server = 0; server < 5000; server += 1) tell(hooks, 'down', `s${String(server)}`);
    await turn();
    expect(held.mostAtOnce).toBe(32);
    for (let server = 0; server < 100; server += 1) await held.end();
    expect(held.events).toHaveLength(132);
    expect(held.mostAtOnce).toBe(32);
  });

  it('that fail are told with their code and what they said, and the next event runs them again', async () => {
    const hooks = hooksOf(held);
    tell(hooks, 'down');
    await turn();
    await held.end({ output: 'no such zone', failure: new FleetError('HOOK_FAILED', 'dns.sh failed: exit code 1') });
    expect(lines).toMatchObject([
      { level: 'error', event: 'hook.failed', fields: { code: 'HOOK_FAILED', output: 'no such zone', server: 's1' } },
    ]);
    tell(hooks, 'up');
    await turn();
    expect(held.log).toEqual(['s1 down', 's1 up']);
  });

  it('end with the monitor: what is quick runs to its end, what hangs is ended, what waits is told', async () => {
    vi.useFakeTimers();
    const hooks = hooksOf(held);
    tell(hooks, 'down');
    tell(hooks, 'up');
    const stopping = hooks.stop();
    tell(hooks, 'down', 's2');
    await vi.advanceTimersByTimeAsync(8000);
    await stopping;
    vi.useRealTimers();
    expect(held.log).toEqual(['s1 down']);
    expect(lines).toMatchObject([{ event: 'hook.dropped', fields: { count: 1 } }, { event: 'hook.failed' }]);
  });

  it('that are done do not keep it from stopping', async () => {
    const hooks = hooksOf(held);
    tell(hooks, 'down');
    await turn();
    await held.end();
    await hooks.stop();
    expect(lines).toMatchObject([{ event: 'hook.ran' }]);
  });
});

describe('hooks of a configuration', () => {
  const surroundings = { environment: { PATH: process.env['PATH'] }, random: () => 0 };

  it('listen to down and up unless they say otherwise', () => {
    const [plain, incidents] = hooksOfConfig(
      [
        { exec: ['/bin/true'] },
        { on: ['incident'], servers: ['s1'], webhook: 'https://chat.example.com/hook?token=t' },
      ],
      surroundings,
    );
    expect(plain).toMatchObject({ kind: 'exec', servers: null, action: { name: 'true' } });
    expect([...(plain?.on ?? [])].sort()).toEqual(['down', 'up']);
    expect(incidents).toMatchObject({ kind: 'webhook', action: { name: 'chat.example.com' } });
    expect([...(incidents?.servers ?? [])]).toEqual(['s1']);
  });

  it('run programs', async () => {
    const log = recordedLogger();
    const hooks = hooksOfConfig(
      [{ exec: ['/bin/sh', '-c', 'echo "$IMAGEFLEET_SERVER $IMAGEFLEET_TO"'] }],
      surroundings,
    );
    const runner = new Hooks({ hooks, logger: log.logger, monotonic: () => performance.now() });
    runner.transition(transitionOf('down'), contextOf());
    await runner.stop();
    expect(log.lines).toMatchObject([{ event: 'hook.ran', fields: { hook: 'sh', output: 's1 down' } }]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SHELL_API, type ShellHandlers } from '#bridge/shell-api.ts';
import { answerBridgeCall } from './bridge-calls.ts';
import type { EngineCall } from './waiting-calls.ts';

const OURS = { url: 'app://ui/console/', isMainFrame: true };

function door() {
  const asked: EngineCall[] = [];
  const done: unknown[] = [];
  const handlers = Object.keys(SHELL_API).map((name) => [
    name,
    async (input: unknown) => {
      done.push([name, input]);
      return Promise.resolve({});
    },
  ]);
  const deps = {
    askEngine: async (call: EngineCall) => {
      asked.push(call);
      return Promise.resolve({ isOk: true as const, output: 'asked' });
    },
    shell: Object.fromEntries(handlers) as ShellHandlers,
  };
  return { asked, done, call: (message: unknown, sender = OURS) => answerBridgeCall({ sender, message }, deps) };
}

const CALL = { api: 'engine', method: 'readStatus', input: {} };

describe('a call over the bridge', () => {
  it('goes to the engine or to the app', async () => {
    const { call, asked, done } = door();
    expect(await call(CALL)).toEqual({ isOk: true, output: 'asked' });
    expect(await call({ api: 'shell', method: 'copyText', input: { text: 'a' } })).toEqual({ isOk: true, output: {} });
    expect([asked, done]).toEqual([[CALL], [['copyText', { text: 'a' }]]]);
  });

  it.each([
    [{ url: 'app://ui.evil/console/', isMainFrame: true }],
    [{ url: 'app://ui:81/console/', isMainFrame: true }],
    [{ url: 'app://ui@evil/console/', isMainFrame: true }],
    [{ url: 'app://evil/app://ui/', isMainFrame: true }],
    [{ url: 'https://ui/console/', isMainFrame: true }],
    [{ url: 'https://app://ui/', isMainFrame: true }],
    [{ url: 'file:///app://ui/console/index.html', isMainFrame: true }],
    [{ url: 'about:blank', isMainFrame: true }],
    [{ url: 'app://ui/console/', isMainFrame: false }],
    [{ url: '', isMainFrame: true }],
    [{ url: null, isMainFrame: true }],
  ])('from %o is refused, whatever it is', async (sender) => {
    const { asked, done, ...made } = door();
    const answer = await made.call(CALL, sender as typeof OURS);
    expect(answer).toMatchObject({ isOk: false, error: { code: 'ORIGIN_FOREIGN' } });
    expect([asked, done]).toEqual([[], []]);
  });

  it.each([
    [undefined],
    [null],
    ['readStatus'],
    [[CALL]],
    [{ ...CALL, api: 'main' }],
    [{ ...CALL, api: '__proto__' }],
    [{ ...CALL, method: '' }],
    [{ ...CALL, method: 'x'.repeat(101) }],
    [{ ...CALL, extra: 1 }],
    [{ ...CALL, input: new Uint8Array(10) }],
    [{ ...CALL, input: new Map() }],
    [{ ...CALL, input: 'x'.repeat(8 * 1024 * 1024 + 1) }],
    [{ ...CALL, input: Array.from({ length: 20_001 }, () => 1) }],
    [{ api: 'shell', method: 'copyText', input: { text: 7 } }],
    [{ api: 'shell', method: 'copyText', input: undefined }],
  ])('of a wrong shape or size is refused: %#', async (message) => {
    const { call, asked, done } = door();
    expect(await call(message)).toMatchObject({ isOk: false, error: { code: 'INPUT_INVALID' } });
    expect([asked, done]).toEqual([[], []]);
  });

  it('may carry links of a hundred thousand images to the clipboard, and nothing of that size elsewhere', async () => {
    const { call } = door();
    const text = 'x'.repeat(40_000_000);
    expect(await call({ api: 'shell', method: 'copyText', input: { text } })).toMatchObject({ isOk: true });
    expect(await call({ api: 'shell', method: 'openLink', input: { url: text } })).toMatchObject({ isOk: false });
  });

  it.each(['explode', 'toString', 'constructor', '__proto__'])(
    'to the app that there is none of is refused: %s',
    async (method) => {
      const { call } = door();
      const answer = await call({ api: 'shell', method, input: {} });
      expect(answer).toMatchObject({ isOk: false, error: { code: 'NOT_FOUND' } });
    },
  );

  it('is answered whatever comes, and never with what nobody asked for', async () => {
    const { call, asked, done } = door();
    const messages = fc.oneof(
      fc.anything({ withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true, withDate: true }),
      fc.record({
        api: fc.constantFrom('engine', 'operator', 'shell', 'x'),
        method: fc.string(),
        input: fc.anything(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(messages, fc.webUrl(), async (message, url) => {
        expect(await call(message, { url, isMainFrame: true })).toMatchObject({ error: { code: 'ORIGIN_FOREIGN' } });
        const answer = await call(message);
        expect(answer.isOk || /^[A-Z_]+$/.test(answer.error.code)).toBe(true);
      }),
    );
    expect(done).toEqual([]);
    for (const { api } of asked) expect(['engine', 'operator']).toContain(api);
  });
});

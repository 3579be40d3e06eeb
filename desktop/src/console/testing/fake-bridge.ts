import {
  DESKTOP_APIS,
  type DesktopAnswer,
  type DesktopBridge,
  type DesktopCall,
  type DesktopNews,
} from '#bridge/desktop-bridge.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { FakeQueue } from './fake-queue.ts';
import { FakeShell } from './fake-shell.ts';

type Method = (input: unknown) => Promise<unknown>;
type Table = Readonly<
  Record<
    string,
    { readonly input: { parse(value: unknown): unknown }; readonly output: { parse(value: unknown): unknown } }
  >
>;

/** The desktop app as a page sees it, without Electron: every call and every answer is judged by the tables, as main does. */
export class FakeBridge implements DesktopBridge {
  readonly queue = new FakeQueue();
  readonly shell = new FakeShell();
  /** Answers of the servers, by the name of the call; the others are refused. */
  readonly servers = new Map<string, (input: unknown) => unknown>();
  /** What is refused, by the name of the call. */
  readonly refusals = new Map<string, FleetError>();
  readonly calls: DesktopCall[] = [];
  readonly #hearers = new Set<(news: DesktopNews) => void>();

  readonly call = async (asked: DesktopCall): Promise<DesktopAnswer> => {
    this.calls.push(asked);
    try {
      return { isOk: true, output: await this.#answer(asked) };
    } catch (error) {
      const { code, message, hint } = error instanceof FleetError ? error : new FleetError('INTERNAL', String(error));
      return { isOk: false, error: { code, message, hint } };
    }
  };
  readonly listen = (hear: (news: DesktopNews) => void): (() => void) => {
    this.#hearers.add(hear);
    return () => void this.#hearers.delete(hear);
  };
  readonly pathOf = (file: unknown): string => `/home/anna/${(file as { readonly name: string }).name}`;

  tell(news: DesktopNews): void {
    for (const hear of this.#hearers) hear(news);
  }

  async #answer({ api, method, input }: DesktopCall): Promise<unknown> {
    const row = (DESKTOP_APIS[api] as Table)[method];
    if (row === undefined) throw new FleetError('NOT_FOUND', `there is no ${api}.${method}`);
    const refusal = this.refusals.get(method);
    if (refusal !== undefined) throw refusal;
    return row.output.parse(await this.#methodOf(api, method)(row.input.parse(input)));
  }

  #methodOf(api: DesktopCall['api'], method: string): Method {
    if (api === 'engine') return (this.queue as unknown as Readonly<Record<string, Method>>)[method] ?? refused(method);
    if (api === 'shell') return (this.shell as unknown as Readonly<Record<string, Method>>)[method] ?? refused(method);
    const answer = this.servers.get(method);
    return answer === undefined ? refused(method) : async (input) => answer(input);
  }
}

function refused(method: string): Method {
  return () => Promise.reject(new FleetError('PEER_UNREACHABLE', `nobody answers ${method}`));
}

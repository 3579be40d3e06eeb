import type { BareConnection, ConnectWatch } from './bare-connect.ts';
import { Deadline } from './deadlines.ts';
import { judgeConnectError, notMade, silence, success } from './probe-outcome.ts';
import { formatHostPort } from '#common/address/server-address.ts';
import { endpointOf, type ProbeTools, type ProbeTry, type Settle } from './probe-try.ts';

/**
 * Connects and disconnects. It proves that the host's kernel takes connections for the port, and nothing of the program
 * behind it: a stopped process still has a listener.
 */
export function probeTcp(tools: ProbeTools, probe: ProbeTry, settle: Settle): void {
  new TcpProbe(tools, probe, settle).begin();
}

class TcpProbe extends Deadline implements ConnectWatch {
  readonly #tools: ProbeTools;
  readonly #probe: ProbeTry;
  readonly #settle: Settle;
  readonly #beganAtMs: number;
  #connection: BareConnection | undefined;
  #isSettled = false;

  constructor(tools: ProbeTools, probe: ProbeTry, settle: Settle) {
    super();
    this.#tools = tools;
    this.#probe = probe;
    this.#settle = settle;
    this.#beganAtMs = tools.monotonic();
  }

  begin(): void {
    this.#tools.deadlines.add(this, this.#probe.timeoutMs, this.#beganAtMs);
    this.#connection = this.#tools.connect(endpointOf(this.#tools, this.#probe), this);
  }

  connected(): void {
    if (this.#isSettled) return;
    const nowMs = this.#tools.monotonic();
    this.#end(this.#tools.orderlyCloses.take(nowMs));
    this.#settle(success(nowMs - this.#beganAtMs));
  }

  failed(errno: string, isSent: boolean): void {
    if (this.#end()) this.#settle(judgeConnectError(errno, isSent, formatHostPort(this.#probe.target)));
  }

  override expire(isStopping: boolean): void {
    const { target } = this.#probe;
    const at = formatHostPort(target);
    if (!this.#end()) return;
    if (isStopping) this.#settle(notMade(at, 'stopping'));
    else this.#settle(silence('PROBE_TIMEOUT', `nothing came back from ${at} within ${String(target.timeoutMs)} ms`));
  }

  /** Answers whether this is the first end. */
  #end(isOrderly = true): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#tools.deadlines.remove(this);
    this.#connection?.end(isOrderly);
    return true;
  }
}

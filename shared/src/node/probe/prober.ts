import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { ErrorCode } from '#common/errors/error-codes.ts';
import type { Observation } from '#common/health/observation.ts';
import { bareConnect } from './bare-connect.ts';
import { Deadline, Deadlines } from './deadlines.ts';
import { readEphemeralPorts } from './ephemeral-ports.ts';
import { probeHttp } from './http-probe.ts';
import { NameLookup } from './name-lookup.ts';
import { notMade, ownFailure } from './probe-outcome.ts';
import { formatHostPort } from '#common/address/server-address.ts';
import type { ProbeTarget } from './probe-target.ts';
import { OrderlyCloses } from './orderly-closes.ts';
import type { ProbeTools, ProbeTry, Settle } from './probe-try.ts';
import { probeTcp } from './tcp-probe.ts';

export interface ProberOptions {
  /** Milliseconds that never jump. */
  readonly monotonic?: () => number;
  readonly names?: NameLookup;
  /** PEM; in place of the authorities that Node trusts. */
  readonly authorities?: string;
}

/**
 * Probes any number of targets at the same time. There are no places to wait for: a target that lets a probe wait costs a
 * socket, and nobody else anything. The system's limit of open files is the only bound, and where it is reached the
 * probe says so.
 */
export class Prober {
  readonly #monotonic: () => number;
  readonly #tools: ProbeTools;
  readonly #names: NameLookup;
  readonly #authorities: string | undefined;
  #secureContext: SecureContext | undefined;
  #isStopped = false;

  constructor({ monotonic = () => performance.now(), names, authorities }: ProberOptions = {}) {
    this.#monotonic = monotonic;
    this.#tools = {
      monotonic,
      deadlines: new Deadlines(monotonic),
      ephemeralPorts: readEphemeralPorts(),
      orderlyCloses: new OrderlyCloses(),
      connect: bareConnect(),
    };
    this.#names = names ?? new NameLookup({ monotonic });
    this.#authorities = authorities;
  }

  /** What one probe sees; never rejects, and answers soon after `timeoutMs` whatever the other side does. */
  probe(target: ProbeTarget): Promise<Observation> {
    return new Promise((resolve) => this.begin(target, resolve));
  }

  /** The same without a promise, for those who probe thousands a second: `settle` hears of it once, maybe at once. */
  begin(target: ProbeTarget, settle: Settle): void {
    const { host, timeoutMs } = target;
    if (this.#isStopped) settle(notMade(formatHostPort(target), 'stopping'));
    else if (isIP(host) !== 0) this.#try({ target, address: host, timeoutMs }, settle);
    else this.#resolve(target, settle);
  }

  /** Ends every probe that runs, as one that could not be made. No probe begins after it. */
  stop(): void {
    this.#isStopped = true;
    this.#tools.deadlines.stop();
  }

  #resolve(target: ProbeTarget, settle: Settle): void {
    const endsAtMs = this.#monotonic() + target.timeoutMs;
    const unresolved = (reason: string): void => {
      settle(ownFailure('NAME_UNRESOLVED', `the name ${target.host} has no address (${reason})`));
    };
    const wait = new LookupWait((isStopping) => {
      wait.leave();
      if (isStopping) settle(notMade(formatHostPort(target), 'stopping'));
      else unresolved('no answer in time');
    });
    this.#tools.deadlines.add(wait, target.timeoutMs);
    wait.leave = this.#names.find(target.host, (answer) => {
      this.#tools.deadlines.remove(wait);
      if ('errno' in answer) unresolved(answer.errno);
      else this.#tryInTurn(target, answer.addresses, endsAtMs, settle);
    });
  }

  /**
   * A name may have several addresses, and the server need not listen at all of them ("localhost" is two). One that cannot
   * be connected to is followed by the next at once, as any client does it; one that is silent has used up the time, and
   * goes to the end of the line. When none answers, the one that tells most of the server is believed: this machine may
   * have no IPv6 at all.
   */
  #tryInTurn(target: ProbeTarget, addresses: readonly string[], endsAtMs: number, settle: Settle): void {
    const [address, ...others] = addresses;
    if (address === undefined) return;
    const timeoutMs = Math.max(0, endsAtMs - this.#monotonic());
    this.#try({ target, address, timeoutMs }, (seen) => {
      if (seen.kind === 'success') {
        settle(seen);
        return;
      }
      this.#names.demote(target.host, address);
      const isConnected = !UNCONNECTED.has(seen.cause.code);
      if (isConnected || others.length === 0 || this.#monotonic() >= endsAtMs) settle(seen);
      else this.#tryInTurn(target, others, endsAtMs, (next) => settle(moreTelling(seen, next)));
    });
  }

  #try(probe: ProbeTry, settle: Settle): void {
    if (probe.target.http === undefined) probeTcp(this.#tools, probe, settle);
    else probeHttp({ ...this.#tools, secureContext: this.#context() }, probe, settle);
  }

  #context(): SecureContext {
    this.#secureContext ??= createSecureContext(this.#authorities === undefined ? {} : { ca: this.#authorities });
    return this.#secureContext;
  }
}

class LookupWait extends Deadline {
  override readonly expire: (isStopping: boolean) => void;
  /** Set once the look-up was asked; an answer at once needs none. */
  leave: () => void = () => undefined;

  constructor(expire: (isStopping: boolean) => void) {
    super();
    this.expire = expire;
  }
}

/** After these another address may do better. What a server answers over a connection is its answer. */
const UNCONNECTED: ReadonlySet<ErrorCode> = new Set(['PROBE_REFUSED', 'PROBE_UNREACHABLE', 'PROBE_NOT_MADE']);

/** From the least to the most. */
const TELLING = ['ownFailure', 'silence', 'failure', 'success'] as const satisfies readonly Observation['kind'][];

/** Of two that tell as much the later one: it stands for the address that took the connection, if any did. */
function moreTelling(one: Observation, later: Observation): Observation {
  return TELLING.indexOf(later.kind) >= TELLING.indexOf(one.kind) ? later : one;
}

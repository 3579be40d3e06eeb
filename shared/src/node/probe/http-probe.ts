import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { Observation } from '#common/health/observation.ts';
import { Deadline } from './deadlines.ts';
import { dial, type DialWatch } from './dial.ts';
import { ExpectedText } from './expected-text.ts';
import { errnoOf, failure, judgeBrokenAnswer, judgeConnectError, notMade, silence, success } from './probe-outcome.ts';
import { formatHostPort } from '#common/address/server-address.ts';
import type { HttpCheck } from '#common/health/http-check.ts';
import { MAX_BODY_BYTES } from './probe-target.ts';
import { endpointOf, type ProbeTools, type ProbeTry, type Settle } from './probe-try.ts';

export interface HttpProbeTools extends ProbeTools {
  /** The authorities that certificates are checked against; made once, since it takes longer than a probe. */
  readonly secureContext: SecureContext;
}

/**
 * Asks by GET over a connection of its own. The verdict falls as soon as status and text are known; what is left of the body
 * is read on within the limits, so that no server has to log that its client went away. Node's parser bounds the header.
 */
export function probeHttp(tools: HttpProbeTools, probe: ProbeTry, settle: Settle): void {
  new HttpProbe(tools, probe, settle).begin();
}

class HttpProbe extends Deadline implements DialWatch {
  readonly #tools: HttpProbeTools;
  readonly #probe: ProbeTry;
  readonly #at: string;
  readonly #settle: Settle;
  readonly #beganAtMs: number;
  #isSettled = false;
  #isTaken = false;
  #socket: Socket | undefined;
  #request: ClientRequest | undefined;

  constructor(tools: HttpProbeTools, probe: ProbeTry, settle: Settle) {
    super();
    this.#tools = tools;
    this.#probe = probe;
    this.#at = formatHostPort(probe.target);
    this.#settle = settle;
    this.#beganAtMs = tools.monotonic();
  }

  begin(): void {
    this.#tools.deadlines.add(this, this.#probe.timeoutMs);
    this.#socket = dial(endpointOf(this.#tools, this.#probe), this);
  }

  failed(errno: string, isSent: boolean): void {
    this.#end(this.#isTaken ? judgeBrokenAnswer(errno, this.#at) : judgeConnectError(errno, isSent, this.#at));
  }

  override expire(isStopping: boolean): void {
    this.#end(isStopping ? notMade(this.#at, 'stopping') : this.#tooLate());
  }

  connected(socket: Socket): void {
    const { target } = this.#probe;
    if (target.http === undefined || this.#isSettled) return;
    this.#isTaken = true;
    try {
      const stream = target.http.isTls ? this.#secure(socket, target.host) : socket;
      this.#request = this.#send(stream, target.http);
      stream.resume();
    } catch (error) {
      // The path has a character that HTTP does not allow: nothing was asked, so nothing is known of the server.
      this.#end(notMade(this.#at, errnoOf(error)));
    }
  }

  #secure(socket: Socket, host: string): Socket {
    const { secureContext } = this.#tools;
    // An address must not be sent as the server's name (RFC 6066, 3), and is checked in the certificate all the same.
    const stream = connectTls({ socket, host, servername: isIP(host) === 0 ? host : '', secureContext });
    stream.on('error', (error) => this.#end(judgeBrokenAnswer(errnoOf(error), this.#at)));
    return stream;
  }

  #send(stream: Socket, expected: HttpCheck): ClientRequest {
    const { host, port } = this.#probe.target;
    const sent = request({
      createConnection: () => stream,
      ...{ host, port, path: expected.path, defaultPort: expected.isTls ? 443 : 80 },
      headers: { 'User-Agent': 'imagefleet-probe', Accept: '*/*', Connection: 'close' },
    });
    sent.on('error', (error) => this.#end(judgeBrokenAnswer(errnoOf(error), this.#at)));
    sent.on('response', (answer) => this.#read(answer, expected));
    // An answer that switches protocols, or none at all: Node ends the request without another event.
    sent.on('close', () => this.#end(judgeBrokenAnswer('closed without an answer', this.#at)));
    return sent.end();
  }

  #read(answer: IncomingMessage, { statuses, body }: HttpCheck): void {
    const status = answer.statusCode ?? 0;
    const isRight = statuses.some(({ from, to }) => status >= from && status <= to);
    if (!isRight) this.#judge(failure('PROBE_STATUS', `${this.#at} answered with HTTP status ${String(status)}`));
    else if (body === undefined) this.#judge(this.#success());
    const text = new ExpectedText(body ?? '');
    let readBytes = 0;
    const isMissing = (): Observation =>
      failure('PROBE_BODY', `the answer of ${this.#at} does not hold the expected text`);
    answer.on('data', (chunk: Buffer) => {
      readBytes += chunk.length;
      text.take(chunk);
      if (text.isFound) this.#judge(this.#success());
      if (readBytes >= MAX_BODY_BYTES) this.#end(isMissing());
    });
    answer.on('end', () => this.#end(isMissing()));
    answer.on('error', (error) => this.#end(judgeBrokenAnswer(errnoOf(error), this.#at)));
  }

  #success(): Observation {
    return success(this.#tools.monotonic() - this.#beganAtMs);
  }

  #tooLate(): Observation {
    const within = `within ${String(this.#probe.target.timeoutMs)} ms`;
    if (!this.#isTaken) return silence('PROBE_TIMEOUT', `nothing came back from ${this.#at} ${within}`);
    return failure('PROBE_TIMEOUT', `${this.#at} took the connection and did not answer in full ${within}`);
  }

  #judge(observation: Observation): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#settle(observation);
  }

  /** The probe is over; what was judged before stays. */
  #end(observation: Observation): void {
    this.#judge(observation);
    this.#tools.deadlines.remove(this);
    this.#request?.destroy();
    this.#socket?.destroy();
  }
}

import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { OPERATOR_API, type OperatorMethodName } from '@imagefleet/shared/common/operator/operator-api.ts';
import { answerOf, bridgeError } from '#bridge/bridge-error.ts';
import { isEngineMethod } from '#bridge/engine-api.ts';
import { toEngine, type EngineAccess, type ToEngine } from '#bridge/engine-messages.ts';
import { parseInput } from '#bridge/parse-input.ts';
import { callEngine } from '#engine/api/call-engine.ts';
import type { EngineOptions, OpenedEngine } from '#engine/open-engine.ts';
import { CalmTeller } from './calm-teller.ts';
import type { MessagePort } from './message-port.ts';

/** Ten times a second is as much as a page can show. */
const CHANGE_EVERY_MS = 100;

export interface EngineHostOptions {
  readonly port: MessagePort;
  readonly open: (options: EngineOptions) => Promise<OpenedEngine>;
  /** After the engine was closed because somebody said so. */
  readonly onClosed: () => void;
}

type Opened = Pick<EngineOptions, 'dataDir' | 'version'>;
type Call = Extract<ToEngine, { kind: 'call' }>;

/**
 * The engine behind a message port: opens it as it is told, answers calls by the tables, and tells what changes. Everything
 * that opens or closes goes one after the other, and calls wait for what was asked for before them.
 */
export class EngineHost {
  readonly #options: EngineHostOptions;
  readonly #changes: CalmTeller;
  readonly #ending = new AbortController();
  #place: Opened | undefined;
  /** What calls are answered by; rejects with why there is none. */
  #engine: Promise<OpenedEngine> = Promise.reject(new FleetError('SHUTTING_DOWN', 'the engine is not open yet'));
  #unlisten = (): void => undefined;

  constructor(options: EngineHostOptions) {
    this.#options = options;
    this.#changes = new CalmTeller(() => options.port.post({ kind: 'queueChanged' }), CHANGE_EVERY_MS);
    // Whoever calls before it is opened is told; that nobody does is no failure.
    this.#engine.catch(() => undefined);
  }

  start(): void {
    this.#options.port.onMessage((message) => this.#hear(toEngine.parse(message)));
  }

  /** Bounded by what is under way; twice is as once. */
  async close(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    const before = this.#engine;
    this.#replace(async () => {
      await this.#end(before);
      throw new FleetError('SHUTTING_DOWN', 'the engine is ending', { hint: 'Start it again.' });
    });
    await this.#engine.catch(() => undefined);
    this.#options.onClosed();
  }

  #hear(message: ToEngine): void {
    switch (message.kind) {
      case 'open':
        this.#place = { dataDir: message.dataDir, version: message.version };
        this.#open(message);
        break;
      case 'use':
        this.#open(message);
        break;
      case 'call':
        void this.#answer(message);
        break;
      case 'close':
        void this.close();
        break;
    }
  }

  #open(access: EngineAccess): void {
    if (this.#ending.signal.aborted) return;
    const before = this.#engine;
    this.#replace(async () => {
      await this.#end(before);
      if (this.#place === undefined) throw new FleetError('INTERNAL', 'the engine was not told where its data are');
      return this.#begin(this.#place, access);
    });
    const { port } = this.#options;
    this.#engine.then(
      ({ setAside }) => port.post({ kind: 'opened', setAside }),
      (error: unknown) => port.post({ kind: 'openFailed', error: bridgeError(error) }),
    );
  }

  #replace(make: () => Promise<OpenedEngine>): void {
    this.#engine = make();
    // Each call is told of it.
    this.#engine.catch(() => undefined);
  }

  async #begin(place: Opened, { servers, key }: EngineAccess): Promise<OpenedEngine> {
    const changed = (): void => this.#changes.changed();
    const opened = await this.#options.open({
      ...{ ...place, servers, key: key ?? undefined, onChanged: changed },
      // The engine says in its status what is in the way, and in its diagnostics; here it is one change more.
      onFault: changed,
    });
    try {
      this.#listen(opened);
      opened.start();
    } catch (error) {
      await this.#close(opened);
      throw error;
    }
    return opened;
  }

  #listen({ fleet }: OpenedEngine): void {
    const { port } = this.#options;
    const unlisten = fleet.listen({
      onState: (state) => port.post({ kind: 'liveState', state }),
      onEvent: (event) => port.post({ kind: 'liveEvent', event }),
    });
    const unhear = fleet.onIncident(({ what, incident }) => {
      port.post({ kind: 'incident', what, incident: { ...incident, servers: [...incident.servers] } });
    });
    this.#unlisten = () => [unlisten, unhear].forEach((end) => end());
  }

  /** What never opened needs no closing. */
  async #end(engine: Promise<OpenedEngine>): Promise<void> {
    const opened = await engine.catch(() => undefined);
    if (opened !== undefined) await this.#close(opened);
  }

  async #close(opened: OpenedEngine): Promise<void> {
    this.#unlisten();
    this.#unlisten = () => undefined;
    await opened.close();
    this.#changes.stop();
  }

  async #answer({ id, api, method, input }: Call): Promise<void> {
    const answer = await answerOf(async () => {
      const opened = await this.#engine;
      return api === 'engine' ? this.#callEngine(opened, method, input) : callOperator(opened, method, input);
    });
    this.#options.port.post({ kind: 'answer', id, answer });
  }

  #callEngine({ service }: OpenedEngine, method: string, input: unknown): Promise<unknown> {
    if (!isEngineMethod(method)) throw new FleetError('NOT_FOUND', `the engine has no call ${method}`);
    return callEngine(service, method, { input, signal: this.#ending.signal });
  }
}

function callOperator({ fleet }: OpenedEngine, method: string, input: unknown): Promise<unknown> {
  if (!isOperatorMethod(method)) throw new FleetError('NOT_FOUND', `the fleet has no call ${method}`);
  // The fleet's client writes a request from what the caller gave, and the server puts defaults in.
  parseInput(method, OPERATOR_API[method].input, input);
  const call = fleet.api[method] as (input: unknown) => Promise<unknown>;
  return call(input);
}

function isOperatorMethod(name: string): name is OperatorMethodName {
  return Object.hasOwn(OPERATOR_API, name);
}

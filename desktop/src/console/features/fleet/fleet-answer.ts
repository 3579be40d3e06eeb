import type { Backlog, ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { Evidence } from './evidence.ts';

/** What the first line of the page is made of; each part becomes one sentence (answer-sentence.ts). */
export type AnswerPart =
  | { readonly kind: 'down'; readonly server: string; readonly since: number | null; readonly copies: number | null }
  | { readonly kind: 'goesOn'; readonly up: number; readonly total: number }
  | { readonly kind: 'silent'; readonly servers: readonly string[] }
  | {
      readonly kind: 'filling';
      readonly server: string;
      readonly done: number;
      readonly total: number;
      readonly etaSeconds: number | null;
    }
  | { readonly kind: 'behind'; readonly servers: readonly string[]; readonly holding: number; readonly total: number }
  | { readonly kind: 'lacking'; readonly copies: number; readonly etaSeconds: number | null }
  | { readonly kind: 'single'; readonly images: number | null }
  | { readonly kind: 'proved'; readonly total: number; readonly images: number; readonly at: number }
  | { readonly kind: 'compared'; readonly total: number; readonly images: number | null; readonly at: number }
  | { readonly kind: 'differs'; readonly servers: readonly string[]; readonly at: number }
  | { readonly kind: 'incomplete'; readonly servers: readonly string[]; readonly at: number }
  | { readonly kind: 'countsDiffer'; readonly counts: readonly { readonly server: string; readonly images: number }[] }
  | { readonly kind: 'notProved'; readonly total: number; readonly images: number | null }
  | { readonly kind: 'newer'; readonly images: number }
  | {
      readonly kind: 'stateOf';
      readonly state: 'unknown' | 'warming' | 'maintenance';
      readonly servers: readonly string[];
    };

export interface FleetAnswer {
  readonly tone: 'good' | 'warn' | 'bad' | 'plain';
  readonly parts: readonly AnswerPart[];
}

export interface FleetFacts {
  readonly servers: readonly ServerEntry[];
  readonly silent: readonly string[];
  readonly evidence: Evidence | undefined;
  /** Until every copy has arrived; null while no pace is known. */
  readonly etaSeconds: number | null;
}

/** Is everything everywhere? What is wrong comes first; that all is well is said only when something shows it. */
export function fleetAnswer(facts: FleetFacts): FleetAnswer {
  const agents = facts.servers.filter(({ isAgent }) => isAgent);
  const troubles = [...downParts(agents), ...silentParts(agents, facts.silent), ...openParts(agents, facts.etaSeconds)];
  const states = stateParts(agents);
  if (troubles.length > 0) {
    const isDown = troubles.some(({ kind }) => kind === 'down');
    return { tone: isDown ? 'bad' : 'warn', parts: [...troubles, ...states] };
  }
  const [first, ...more] = wellParts(agents, facts.evidence);
  const isShown = first.kind === 'proved' || first.kind === 'compared';
  const isPlain = first.kind === 'notProved' || first.kind === 'single';
  const isUnknown = states.some(({ state }) => state === 'unknown');
  return {
    tone: isUnknown ? 'warn' : isShown ? 'good' : isPlain ? 'plain' : 'warn',
    parts: [first, ...more, ...states],
  };
}

/** Open deliveries in any state. */
export function openOf(backlog: Backlog): number {
  return backlog.pending + backlog.inflight + backlog.failed + backlog.parked + backlog.dead;
}

/**
 * Copies that are going out to servers that take them. Null when some stay where they are until something is put right:
 * no time can be told then.
 */
export function movingCopies(agents: readonly ServerEntry[]): number | null {
  let moving = 0;
  for (const { state, backlog } of agents) {
    if (state === 'down' || backlog === null) continue;
    if (backlog.parked + backlog.dead > 0) return null;
    moving += openOf(backlog);
  }
  return moving;
}

/** What the parts are about, without the numbers that move on. */
export function topicOf(parts: readonly AnswerPart[]): string {
  return JSON.stringify(
    parts.map((part) => [
      part.kind,
      'server' in part ? part.server : null,
      'servers' in part ? part.servers : null,
      'state' in part ? part.state : null,
    ]),
  );
}

function downParts(agents: readonly ServerEntry[]): readonly AnswerPart[] {
  const down = agents.filter(({ state }) => state === 'down');
  if (down.length === 0) return [];
  const up = agents.filter(({ state }) => state === 'up').length;
  return [
    ...down.map(({ name, since, backlog }): AnswerPart => {
      return { kind: 'down', server: name, since, copies: backlog === null ? null : openOf(backlog) };
    }),
    ...(up > 0 ? [{ kind: 'goesOn', up, total: agents.length } as const] : []),
  ];
}

/** Of one that is down it is said already. */
function silentParts(agents: readonly ServerEntry[], silent: readonly string[]): readonly AnswerPart[] {
  const down = new Set(agents.filter(({ state }) => state === 'down').map(({ name }) => name));
  const servers = silent.filter((name) => !down.has(name));
  return servers.length === 0 ? [] : [{ kind: 'silent', servers }];
}

function openParts(agents: readonly ServerEntry[], etaSeconds: number | null): readonly AnswerPart[] {
  const filling = agents.flatMap(({ name, reseed }): readonly AnswerPart[] => {
    if (reseed === null) return [];
    const { done, total, etaSeconds: eta } = reseed;
    return [{ kind: 'filling', server: name, done, total, etaSeconds: eta }];
  });
  const behind = agents.filter((one) => one.state !== 'down' && one.backlog !== null && openOf(one.backlog) > 0);
  if (behind.length === 0) return filling;
  const copies = behind.reduce((sum, { backlog }) => sum + (backlog === null ? 0 : openOf(backlog)), 0);
  const holding = agents.filter(({ state, backlog, reseed }) => {
    return state !== 'down' && reseed === null && backlog !== null && openOf(backlog) === 0;
  }).length;
  return [
    ...filling,
    { kind: 'behind', servers: behind.map(({ name }) => name), holding, total: agents.length },
    { kind: 'lacking', copies, etaSeconds },
  ];
}

function wellParts(
  agents: readonly ServerEntry[],
  evidence: Evidence | undefined,
): readonly [AnswerPart, ...AnswerPart[]] {
  const total = agents.length;
  const counts = agents.flatMap(({ name, images }) => (images === null ? [] : [{ server: name, images }]));
  const numbers = new Set(counts.map(({ images }) => images));
  const images = counts.length === total && numbers.size === 1 ? (counts[0]?.images ?? null) : null;
  if (total < 2) return [{ kind: 'single', images }];
  if (evidence?.result === 'differs') return [{ kind: 'differs', servers: evidence.servers, at: evidence.at }];
  if (evidence?.result === 'incomplete') return [{ kind: 'incomplete', servers: evidence.servers, at: evidence.at }];
  if (numbers.size > 1) return [{ kind: 'countsDiffer', counts }];
  if (evidence === undefined) return [{ kind: 'notProved', total, images }];
  if (evidence.images === null) return [{ kind: 'compared', total, images, at: evidence.at }];
  const proved = { kind: 'proved', total, images: evidence.images, at: evidence.at } as const;
  const newer = images === null ? 0 : images - evidence.images;
  return newer > 0 ? [proved, { kind: 'newer', images: newer }] : [proved];
}

function stateParts(agents: readonly ServerEntry[]): readonly (AnswerPart & { readonly kind: 'stateOf' })[] {
  return (['unknown', 'warming', 'maintenance'] as const).flatMap((state) => {
    const servers = agents.filter((one) => one.state === state).map(({ name }) => name);
    return servers.length === 0 ? [] : [{ kind: 'stateOf', state, servers } as const];
  });
}

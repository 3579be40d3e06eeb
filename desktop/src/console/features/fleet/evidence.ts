import type { Proof, VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';

/** What a proof or a run of verify says of the whole fleet. Equal numbers of images are none. */
export interface Evidence {
  readonly kind: 'proof' | 'verify';
  readonly result: 'same' | 'differs' | 'incomplete';
  /** Epoch milliseconds: the cut-off of a proof, the end of a run. */
  readonly at: number;
  /** When it was made; orders proofs and runs. */
  readonly madeAt: number;
  /** Images of the set that is the same; null when the evidence does not count them. */
  readonly images: number | null;
  /** Those that differ, or that did not answer. */
  readonly servers: readonly string[];
}

/** Undefined when the proof leaves out a server that is one of the fleet now. */
export function evidenceOfProof(proof: Proof, agents: readonly string[]): Evidence | undefined {
  const told = new Map(proof.servers.map(({ server, state }) => [server, state]));
  if (agents.some((name) => !told.has(name))) return undefined;
  const wanted = proof.result === 'differs' ? 'differs' : 'silent';
  return {
    kind: 'proof',
    result: proof.result,
    at: Date.parse(proof.asOf),
    madeAt: Date.parse(proof.madeAt),
    images: proof.servers[0]?.images ?? null,
    servers: proof.servers.filter(({ state }) => state === wanted).map(({ server }) => server),
  };
}

/** Undefined when the run is not over, did not ask every server of the fleet, or found copies on their way. */
export function evidenceOfVerify(report: VerifyReport | null, agents: readonly string[]): Evidence | undefined {
  if (report?.state !== 'done' || report.finishedAt === null) return undefined;
  const told = new Map(report.servers.map(({ server, state }) => [server, state]));
  if (agents.some((name) => name !== report.server && !told.has(name))) return undefined;
  const differing = report.servers.filter(({ state }) => state === 'differs').map(({ server }) => server);
  const base = { kind: 'verify', at: report.finishedAt, madeAt: report.finishedAt, images: null } as const;
  if (differing.length > 0) return { ...base, result: 'differs', servers: differing };
  const isSame = report.isEqual && report.servers.every(({ state }) => state === 'equal' || state === 'healed');
  return isSame ? { ...base, result: 'same', servers: [] } : undefined;
}

/** The newest counts; of two of the same age the proof. */
export function newestOf(proof: Evidence | undefined, verify: Evidence | undefined): Evidence | undefined {
  if (proof === undefined || verify === undefined) return proof ?? verify;
  return verify.madeAt > proof.madeAt ? verify : proof;
}

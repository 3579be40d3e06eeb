import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Proof, ProofServer } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import type { Repair } from '#replication/repair/repair.ts';
import type { SetDigest } from '#store/set-digest.ts';
import { BASIS, statementOf } from './proof-texts.ts';

/** Cut-off unless one is given: what was stored so long ago has reached every server that is up. */
const SETTLE_MS = 60_000;
/** A little less than clients wait. */
const DEADLINE_MS = 25_000;

export interface ProofDeps {
  readonly repair: Pick<Repair, 'ownRoot' | 'peerRoots' | 'view'>;
  readonly now: () => number;
  /** Name of this server. */
  readonly name: string;
}

/** Whether the servers hold the same set as of a cut-off, as a document that can be kept. */
export function proofHandlers({ repair, now, name }: ProofDeps): Pick<OperatorHandlers, 'readProof'> {
  return {
    readProof: async ({ asOf }) => {
      const madeAt = now();
      const untilMs = asOf === undefined ? madeAt - SETTLE_MS : Date.parse(asOf);
      if (untilMs > madeAt) throw new FleetError('INPUT_INVALID', 'asOf: lies in the future of this server.');
      const view = repair.view(untilMs);
      const [own, peers] = await Promise.all([
        repair.ownRoot(view),
        repair.peerRoots(view, AbortSignal.timeout(DEADLINE_MS)),
      ]);
      return makeProof({ name, own, peers, untilMs, madeAt });
    },
  };
}

export interface ProofInput {
  readonly name: string;
  readonly own: SetDigest;
  /** By name; the error of one that did not answer. */
  readonly peers: ReadonlyMap<string, SetDigest | FleetError>;
  readonly untilMs: number;
  readonly madeAt: number;
}

export function makeProof({ name, own, peers, untilMs, madeAt }: ProofInput): Proof {
  const servers = [answered(name, own, own)];
  for (const [server, answer] of peers) {
    servers.push(answer instanceof FleetError ? silent(server, answer) : answered(server, answer, own));
  }
  const states = new Set(servers.map(({ state }) => state));
  const result = states.has('differs') ? 'differs' : states.has('silent') ? 'incomplete' : 'same';
  const asOf = new Date(untilMs).toISOString();
  return {
    ...{ document: 'imagefleet proof', version: 1, asOf, madeAt: new Date(madeAt).toISOString(), madeBy: name, result },
    statement: statementOf({ asOf, servers }),
    basis: BASIS,
    servers,
  };
}

function answered(server: string, set: SetDigest, own: SetDigest): ProofServer {
  const isSame = set.digest === own.digest && set.records === own.records;
  const { images, records, bytes, digest, oldestMs } = set;
  const hashedSince = oldestMs === null ? null : new Date(oldestMs).toISOString();
  return { server, state: isSame ? 'same' : 'differs', images, records, bytes, digest, hashedSince, cause: null };
}

function silent(server: string, { code, message }: FleetError): ProofServer {
  const nothing = { images: null, records: null, bytes: null, digest: null, hashedSince: null };
  return { server, state: 'silent', ...nothing, cause: { code, message } };
}

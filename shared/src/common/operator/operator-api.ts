import { z } from 'zod';
import { historyAnswer } from './history-schemas.ts';
import { maintenanceAnswer, maintenanceInput, serverHistoryQuery, serverQuery, verdict } from './monitor-schemas.ts';
import {
  deliveryQuery,
  deliveryPage,
  deliverySummary,
  failureLogPage,
  imageDetail,
  imagePage,
  imageQuery,
  lookupAnswer,
  lookupInput,
  replayAnswer,
  replayInput,
  scopeQuery,
  serverList,
} from './operator-schemas.ts';
import { lastVerify, proof, proofInput, verifyInput, verifyQuery, verifyReport } from './repair-schemas.ts';

/** What a key may do. A call asks for exactly one role; a key lists every role it has. */
export const ROLES = ['upload', 'operator', 'read'] as const;
export type Role = (typeof ROLES)[number];

export interface OperatorMethod {
  readonly http: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below /api/v1. `:name` is one path segment, `*name` the rest of the path; both become fields of the input. */
  readonly path: string;
  readonly role: Role;
  /** Status of a success. */
  readonly status: 200 | 202;
  /** Query (GET, DELETE) or JSON body (POST, PUT), together with the path's fields. */
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /** The answer is a document to be kept, under this name. */
  readonly download?: string;
}

/**
 * Every call of HTTP API v1 but uploads (multipart and raw bodies), events and the peer protocol. Server routes, the
 * HTTP client and later the desktop's bridge are generated from this table; there is no second list.
 */
export const OPERATOR_API = {
  lookupImages: {
    http: 'POST',
    path: '/images/lookup',
    role: 'upload',
    status: 200,
    input: lookupInput,
    output: lookupAnswer,
  },
  listImages: { http: 'GET', path: '/images', role: 'read', status: 200, input: imageQuery, output: imagePage },
  getImage: {
    http: 'GET',
    path: '/images/*path',
    role: 'read',
    status: 200,
    input: z.object({ path: z.string() }),
    output: imageDetail,
  },
  listServers: { http: 'GET', path: '/servers', role: 'read', status: 200, input: scopeQuery, output: serverList },
  setMaintenance: {
    http: 'PUT',
    path: '/servers/:name/maintenance',
    role: 'operator',
    status: 200,
    input: maintenanceInput,
    output: maintenanceAnswer,
  },
  readServerHistory: {
    http: 'GET',
    path: '/servers/:name/history',
    role: 'read',
    status: 200,
    input: serverHistoryQuery,
    output: historyAnswer,
  },
  explainServer: {
    http: 'GET',
    path: '/servers/:name/why',
    role: 'read',
    status: 200,
    input: serverQuery,
    output: verdict,
  },
  listDeliveries: {
    http: 'GET',
    path: '/deliveries',
    role: 'operator',
    status: 200,
    input: deliveryQuery,
    output: deliveryPage,
  },
  summarizeDeliveries: {
    http: 'GET',
    path: '/deliveries/summary',
    role: 'operator',
    status: 200,
    input: scopeQuery,
    output: deliverySummary,
  },
  replayDeliveries: {
    http: 'POST',
    path: '/deliveries/replay',
    role: 'operator',
    status: 202,
    input: replayInput,
    output: replayAnswer,
  },
  readFailureLog: {
    http: 'GET',
    path: '/failure-log',
    role: 'operator',
    status: 200,
    input: z.object({
      day: z
        .string()
        .regex(/^\d{4}-\d{2}-\d{2}$/)
        .optional(),
    }),
    output: failureLogPage,
  },
  startVerify: {
    http: 'POST',
    path: '/verify',
    role: 'operator',
    status: 202,
    input: verifyInput,
    output: verifyReport,
  },
  readVerify: { http: 'GET', path: '/verify', role: 'read', status: 200, input: verifyQuery, output: lastVerify },
  readProof: {
    http: 'GET',
    path: '/proof',
    role: 'read',
    status: 200,
    input: proofInput,
    output: proof,
    download: 'imagefleet-proof.json',
  },
} as const satisfies Record<string, OperatorMethod>;

export type OperatorApi = typeof OPERATOR_API;
export type OperatorMethodName = keyof OperatorApi;
/** Input as the caller writes it, before defaults. */
export type OperatorCall<M extends OperatorMethodName> = z.input<OperatorApi[M]['input']>;
/** Input as the handler reads it, after defaults. */
export type OperatorInput<M extends OperatorMethodName> = z.output<OperatorApi[M]['input']>;
export type OperatorOutput<M extends OperatorMethodName> = z.output<OperatorApi[M]['output']>;

/** One handler per method: what the server implements and what a client offers. */
export type OperatorHandlers = {
  readonly [M in OperatorMethodName]: (input: OperatorInput<M>) => Promise<OperatorOutput<M>>;
};
export type OperatorClient = {
  readonly [M in OperatorMethodName]: (input: OperatorCall<M>) => Promise<OperatorOutput<M>>;
};

import {
  skipToken,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { Proof, VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { useHost } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';
import { saveFile } from '#console/ui/save-file.ts';

const PROOF_KEY = [QUERY.proof] as const;
const RUNNING_MS = 1000;
/** Runs begin by themselves, every hour and when a server is back. */
const IDLE_MS = 30_000;

/** The run of verify that is going on or was the last, and how to start one. */
export function useVerify(): {
  readonly report: VerifyReport | null;
  readonly start: UseMutationResult<VerifyReport, Error, void>;
} {
  const { api } = useHost();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: [QUERY.verify],
    queryFn: () => api.readVerify({}),
    refetchInterval: ({ state }) => {
      const report = state.data?.report;
      return report === undefined || report === null || report.state === 'done' ? IDLE_MS : RUNNING_MS;
    },
  });
  const start = useMutation({
    mutationFn: () => api.startVerify({ waitSeconds: 0 }),
    onSuccess: (report) => client.setQueryData([QUERY.verify], { report }),
  });
  return { report: data?.report ?? null, start };
}

/** The last proof that was made on this page. */
export function useProof(): UseQueryResult<Proof> {
  return useQuery<Proof>({ queryKey: PROOF_KEY, queryFn: skipToken, staleTime: Infinity, gcTime: Infinity });
}

/** Makes a proof, and saves it as a file. */
export function useProving(): UseMutationResult<Proof, Error, void> {
  const { api } = useHost();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.readProof({}),
    onSuccess: (proof) => {
      client.setQueryData(PROOF_KEY, proof);
      const name = `imagefleet-proof-${proof.asOf.replace(/\.\d+/, '').replaceAll(':', '')}.json`;
      saveFile(name, `${JSON.stringify(proof, null, 2)}\n`, 'application/json');
    },
  });
}

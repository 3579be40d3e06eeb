import { useMutation, useQuery, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { useHost } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';

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

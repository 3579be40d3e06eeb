import {
  skipToken,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { Proof } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { useHost } from './host-context.tsx';
import { QUERY } from './queries.ts';

const LAST = [QUERY.proof, 'last'] as const;

/** The last proof that was made in this console, wherever; undefined before the first. */
export function useLastProof(): Proof | undefined {
  return useQuery<Proof>({ queryKey: LAST, queryFn: skipToken, staleTime: Infinity, gcTime: Infinity }).data;
}

/** Makes a proof when it is asked to. */
export function useProving(): UseMutationResult<Proof, Error, void> {
  const prove = useProve();
  return useMutation({ mutationFn: prove });
}

/** A proof of the moment in which the component is shown first. It stays what it is, whatever is told meanwhile. */
export function useProofOfNow(): UseQueryResult<Proof> {
  const prove = useProve();
  return useQuery({ queryKey: [QUERY.proof, 'now'], queryFn: prove, gcTime: 0, staleTime: 'static' });
}

function useProve(): () => Promise<Proof> {
  const { api } = useHost();
  const client = useQueryClient();
  return async () => {
    const proof = await api.readProof({});
    client.setQueryData(LAST, proof);
    return proof;
  };
}

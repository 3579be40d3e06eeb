import { QueryClient } from '@tanstack/react-query';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

const MAX_RETRIES = 2;

export function createQueryClient(): QueryClient {
  // A browser that says it is offline means the internet; an agent on this machine or beside it answers all the same.
  const networkMode = 'always';
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode,
        // What cannot get better is shown at once; the rest is tried again, and the page goes on showing what it had.
        retry: (count, error) => error instanceof FleetError && error.isRetryable && count < MAX_RETRIES,
        refetchOnWindowFocus: true,
        staleTime: 1000,
      },
      mutations: { networkMode },
    },
  });
}

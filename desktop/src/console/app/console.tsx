import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ConsoleHost } from '#console/api/host.ts';
import { HostProvider } from '#console/api/host-context.tsx';
import { LanguageProvider } from '#console/i18n/language-context.tsx';
import { languageOf } from '#console/i18n/language.ts';
import { THEME } from '#console/ui/theme.ts';
import { Entrance } from './entrance.tsx';

const MAX_RETRIES = 2;

/** The whole console over a host. */
export function Console({ host }: { readonly host: ConsoleHost }): ReactNode {
  const [client] = useState(createQueryClient);
  return (
    <MantineProvider theme={THEME} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <LanguageProvider preferred={languageOf(navigator.languages)} storage={localStorage}>
        <HostProvider value={host}>
          <QueryClientProvider client={client}>
            <Entrance />
          </QueryClientProvider>
        </HostProvider>
      </LanguageProvider>
    </MantineProvider>
  );
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // What cannot get better is shown at once; the rest is tried again, and the page goes on showing what it had.
        retry: (count, error) => error instanceof FleetError && error.isRetryable && count < MAX_RETRIES,
        refetchOnWindowFocus: true,
        staleTime: 1000,
      },
    },
  });
}

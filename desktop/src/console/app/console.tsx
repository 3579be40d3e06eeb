import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ConsoleHost } from '#console/api/host.ts';
import { HostProvider } from '#console/api/host-context.tsx';
import { LanguageProvider } from '#console/i18n/language-context.tsx';
import { languageOf } from '#console/i18n/language.ts';
import { THEME } from '#console/ui/theme.ts';
import { Entrance } from './entrance.tsx';
import { createQueryClient } from './query-client.ts';

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

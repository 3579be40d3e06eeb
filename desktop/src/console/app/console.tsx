import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ConsoleHost } from '#console/api/host.ts';
import { HostProvider, LineProvider } from '#console/api/host-context.tsx';
import { Line } from '#console/api/line.ts';
import { watchedHost } from '#console/api/watched-host.ts';
import { LanguageProvider } from '#console/i18n/language-context.tsx';
import { languageOf } from '#console/i18n/language.ts';
import { THEME } from '#console/ui/theme.ts';
import { Entrance } from './entrance.tsx';
import { createQueryClient } from './query-client.ts';

/** The whole console over a host. */
export function Console({ host }: { readonly host: ConsoleHost }): ReactNode {
  const [client] = useState(createQueryClient);
  const [line] = useState(() => new Line(() => Date.now()));
  // Uploads belong to it: it stays the same object.
  const [watched] = useState(() => watchedHost(host, line));
  return (
    <MantineProvider theme={THEME} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <LanguageProvider preferred={languageOf(navigator.languages)} storage={localStorage}>
        <HostProvider value={watched}>
          <LineProvider value={line}>
            <QueryClientProvider client={client}>
              <Entrance />
            </QueryClientProvider>
          </LineProvider>
        </HostProvider>
      </LanguageProvider>
    </MantineProvider>
  );
}

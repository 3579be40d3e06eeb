import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ShellOutput } from '#bridge/shell-api.ts';
import { useDesktop } from './host-context.tsx';
import { QUERY } from './queries.ts';

export type SettingsState = ShellOutput<'readSettings'>;

/** What the desktop app keeps of itself. Only in the desktop. */
export function useSettings(): UseQueryResult<SettingsState> {
  const { shell } = useDesktop();
  return useQuery({ queryKey: [QUERY.settings], queryFn: () => shell.readSettings({}) });
}

/** For what a change has answered: it holds from now on in every part of the page. */
export function useNoteSettings(): (state: SettingsState) => void {
  const client = useQueryClient();
  return useCallback((state) => client.setQueryData<SettingsState>([QUERY.settings], state), [client]);
}

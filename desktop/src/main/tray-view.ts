import type { EngineOutput } from '#bridge/engine-api.ts';
import { desktopTexts, type Language } from './desktop-texts.ts';
import type { EngineState } from './engine-keeper.ts';

/** Each is a shape of its own too: colours alone are not seen by everybody. */
export const TRAY_ICONS = ['ok', 'warn', 'down', 'unknown'] as const;
export type TrayIcon = (typeof TRAY_ICONS)[number];

export type TrayAction =
  | { readonly kind: 'open' }
  | { readonly kind: 'server'; readonly server: string }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'quit' };

export type TrayItem = { readonly label: string; readonly action: TrayAction | null } | 'separator';

export interface TrayView {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  readonly menu: readonly TrayItem[];
}

export interface TrayInput {
  readonly engine: EngineState;
  /** Null while it is not known. */
  readonly fleet: Pick<EngineOutput<'readFleet'>, 'servers' | 'incidents'> | null;
  readonly status: Pick<EngineOutput<'readStatus'>, 'counts' | 'isPaused'> | null;
  readonly language: Language;
}

/** What the tray shows: the worst of all states, the counts, and the servers. */
export function trayView(input: TrayInput): TrayView {
  const { fleet, status, language } = input;
  const texts = desktopTexts(language);
  const servers = fleet?.servers ?? [];
  const uploads = status === null ? null : uploadLines(status, language);
  const headline = headlineOf(input);
  const entries = servers.map(({ server, name, state }): TrayItem => {
    const label = name ?? server;
    return { label: `${label}: ${texts.states[state]}`, action: { kind: 'server', server: label } };
  });
  return {
    icon: iconOf(input),
    tooltip: ['Imagefleet', headline, ...(uploads ?? [])].join('\n'),
    menu: [
      { label: texts.open, action: { kind: 'open' } },
      'separator',
      ...(entries.length > 0 ? entries : [{ label: texts.noServers, action: null }]),
      'separator',
      status?.isPaused === true
        ? { label: texts.resume, action: { kind: 'resume' } }
        : { label: texts.pause, action: status === null ? null : { kind: 'pause' } },
      { label: texts.quit, action: { kind: 'quit' } },
    ],
  };
}

function iconOf({ engine, fleet, status }: TrayInput): TrayIcon {
  if (engine === 'failed') return 'down';
  if (fleet === null || fleet.servers.length === 0 || isOwnNetwork(fleet)) return 'unknown';
  const states = new Set(fleet.servers.map(({ state }) => state));
  if (states.has('down')) return 'down';
  if (states.has('unknown')) return 'unknown';
  if (states.has('warming') || states.has('maintenance')) return 'warn';
  return (status?.counts.failed.files ?? 0) > 0 ? 'warn' : 'ok';
}

function headlineOf({ engine, fleet, language }: TrayInput): string {
  const texts = desktopTexts(language);
  if (engine === 'failed') return texts.engineGone;
  if (fleet === null) return texts.unknown;
  const { servers } = fleet;
  if (servers.length === 0) return texts.noServers;
  if (isOwnNetwork(fleet)) return texts.ownNetwork;
  const down = servers.filter(({ state }) => state === 'down').length;
  if (down > 0) return texts.someDown(down, servers.length);
  return servers.every(({ state }) => state === 'up') ? texts.allUp(servers.length) : statesLine(servers, language);
}

/** Only those states that somebody has to know of. */
function statesLine(servers: EngineOutput<'readFleet'>['servers'], language: Language): string {
  const { states, listOf } = desktopTexts(language);
  return listOf(
    servers.flatMap(({ name, server, state }) => (state === 'up' ? [] : [`${name ?? server}: ${states[state]}`])),
  );
}

function isOwnNetwork({ incidents }: Pick<EngineOutput<'readFleet'>, 'incidents'>): boolean {
  return incidents.some(({ kind, backAt }) => kind === 'ownNetwork' && backAt === null);
}

function uploadLines({ counts, isPaused }: NonNullable<TrayInput['status']>, language: Language): readonly string[] {
  const texts = desktopTexts(language);
  const { queued, hashing, uploading, inDoubt, failed } = counts;
  const left = queued.files + hashing.files + uploading.files + inDoubt.files;
  return [
    ...(left > 0 ? [texts.left(left)] : []),
    ...(isPaused ? [texts.paused] : []),
    ...(failed.files > 0 ? [texts.failed(failed.files)] : []),
  ];
}

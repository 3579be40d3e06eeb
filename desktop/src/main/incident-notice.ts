import { formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { EngineOutput } from '#bridge/engine-api.ts';
import type { ToldIncident } from '#bridge/engine-messages.ts';
import { desktopTexts, type Language } from './desktop-texts.ts';

/** What a notification says, and what its click leads to. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  /** Null when it is about more than one server. */
  readonly server: string | null;
}

type FleetReport = EngineOutput<'readFleet'>;

export interface IncidentNoticeInput {
  readonly what: 'opened' | 'over';
  readonly incident: ToldIncident;
  /** How all servers are; null when that is not known. */
  readonly fleet: Pick<FleetReport, 'servers'> | null;
  readonly language: Language;
  /** An instant as people here write it; epoch milliseconds. */
  readonly clockText: (at: number) => string;
}

/** One notification for one incident: what it is, since when, and what still works. */
export function incidentNotice(input: IncidentNoticeInput): Notice {
  const { what, incident } = input;
  const [first] = incident.servers;
  const server = incident.kind === 'servers' && incident.servers.length === 1 ? (first ?? null) : null;
  return { ...(what === 'opened' ? opened(input) : over(input)), server };
}

function opened({ incident, fleet, language, clockText }: IncidentNoticeInput): Omit<Notice, 'server'> {
  const texts = desktopTexts(language);
  const { kind, servers, since, reopened } = incident;
  const facts = [...(reopened > 0 ? [texts.again] : []), texts.since(clockText(since))];
  if (kind === 'ownNetwork')
    return { title: texts.networkDown, body: joined([...facts, texts.networkWaits], language) };
  if (servers.length > 1) facts.unshift(`${texts.listOf(servers)}${language === 'zh' ? '。' : '.'}`);
  if (fleet !== null && fleet.servers.length > 0) {
    const down = new Set(servers);
    const up = fleet.servers.filter(({ state, name, server }) => state === 'up' && !down.has(name ?? server)).length;
    facts.push(up === 0 ? texts.noneUp : texts.stillUp(up, fleet.servers.length));
  }
  const title = servers.length === 1 ? texts.oneDown(servers[0] ?? '') : texts.manyDown(servers.length);
  return { title, body: joined(facts, language) };
}

function over({ incident, language }: IncidentNoticeInput): Omit<Notice, 'server'> {
  const texts = desktopTexts(language);
  const { kind, servers, lastedMs } = incident;
  const facts = lastedMs === null ? [] : [texts.lasted(formatSeconds(lastedMs / 1000))];
  if (kind === 'ownNetwork') return { title: texts.networkBack, body: joined(facts, language) };
  if (servers.length > 1) facts.unshift(`${texts.listOf(servers)}${language === 'zh' ? '。' : '.'}`);
  const title = servers.length === 1 ? texts.oneBack(servers[0] ?? '') : texts.manyBack(servers.length);
  return { title, body: joined(facts, language) };
}

function joined(sentences: readonly string[], language: Language): string {
  return sentences.join(language === 'zh' ? '' : ' ');
}

import { QueryClient, QueryClientProvider, type QueryObserverOptions } from '@tanstack/react-query';
import { createElement, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Role } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { ConsoleHost, LiveEvent, LiveState } from '#console/api/host.ts';
import { HostProvider, LineProvider, SessionProvider } from '#console/api/host-context.tsx';
import { Line } from '#console/api/line.ts';
import { LiveContext } from '#console/api/live.tsx';
import { QUERY } from '#console/api/queries.ts';
import { LanguageProvider } from '#console/i18n/language-context.tsx';
import type { Language } from '#console/i18n/language.ts';
import { StatusLine } from './status-line.tsx';

interface Drawn {
  readonly states?: readonly ServerState[];
  readonly live?: LiveState;
  readonly keyName?: string | null;
  readonly language?: Language;
  readonly sentBytes?: number;
  readonly hasLogin?: boolean;
}

const NO_STORAGE = { getItem: () => null } as unknown as Storage;

function drawn(roles: readonly Role[], { states = [], live = 'live', keyName = 'anna', ...more }: Drawn = {}) {
  const client = new QueryClient();
  if (states.length > 0) client.setQueryData([QUERY.servers], { servers: states.map((state) => ({ state })) });
  const session = { server: 's1', keyName, roles, servers: [] };
  let node: ReactNode = createElement(StatusLine);
  node = createElement(LiveContext, { value: { state: live, hearers: new Set<(event: LiveEvent) => void>() } }, node);
  node = createElement(SessionProvider, { value: session }, node);
  node = createElement(QueryClientProvider, { client }, node);
  const line = new Line(() => 0);
  line.meter()(more.sentBytes ?? 0);
  node = createElement(LineProvider, { value: line }, node);
  node = createElement(
    HostProvider,
    { value: { capabilities: { hasLogin: more.hasLogin ?? true, desktop: null } } as ConsoleHost },
    node,
  );
  node = createElement(LanguageProvider, { preferred: more.language ?? 'en', storage: NO_STORAGE, children: node });
  const text = renderToStaticMarkup(node).replace(/<[^>]+>/g, '|');
  const isAsked = (name: string): unknown =>
    (client.getQueryCache().find({ queryKey: [name] })?.options as QueryObserverOptions).enabled;
  return { text, servers: isAsked(QUERY.servers), summary: isAsked(QUERY.summary) };
}

it('asks for nothing that the key may not see', () => {
  const uploader = drawn(['upload']);
  expect(uploader).toMatchObject({ servers: false, summary: false });
  expect(uploader.text).toMatch(/^\|+at s1\|+as anna \(may upload\)\|+$/);
  expect(drawn(['read'])).toMatchObject({ servers: true, summary: false });
  expect(drawn(['read', 'operator'])).toMatchObject({ servers: true, summary: true });
});

it.each([
  [['up', 'up', 'up'], 'all 3 servers up'],
  [['up', 'warming', 'down'], '1 of 3 servers down'],
  [['up', 'warming', 'maintenance'], '2 of 3 servers not up'],
] as const)('says how the fleet stands: %j', (states, sentence) => {
  expect(drawn(['read'], { states }).text).toContain(sentence);
});

it('does not go on saying that all is well while nothing is heard', () => {
  const { text } = drawn(['read', 'operator'], { states: ['up', 'up', 'up'], live: 'lost' });
  expect(text).not.toContain('up');
  expect(text).toContain('connection lost, trying again');
});

it('says who is logged in and what the key allows, in words', () => {
  const all: readonly Role[] = ['upload', 'read', 'operator'];
  expect(drawn(all).text).toContain('as anna (may upload, may look, may operate the fleet)');
  expect(drawn(all, { language: 'zh' }).text).toContain('当前密钥 anna（可上传、可查看、可管理机群）');
  expect(drawn(all, { keyName: null }).text).toContain('no key configured: everybody may do everything');
});

it('names neither a server nor a key where there is no login', () => {
  expect(drawn(['upload'], { hasLogin: false }).text).toMatch(/^\|*$/);
});

it('says how fast uploads go, while they do', () => {
  expect(drawn(['upload'], { sentBytes: 3 * 1024 * 1024 }).text).toContain('uploading 3.0 MB/s');
  expect(drawn(['upload']).text).not.toContain('uploading');
});

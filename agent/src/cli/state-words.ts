import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Texts } from './language.ts';

/** The states of a server, as people read them everywhere. */
export const STATE_WORDS: Texts<Readonly<Record<ServerState, string>>> = {
  en: { up: 'up', down: 'down', unknown: 'unknown', warming: 'warming up', maintenance: 'maintenance' },
  zh: { up: '在线', down: '离线', unknown: '未知', warming: '预热期', maintenance: '维护中' },
};

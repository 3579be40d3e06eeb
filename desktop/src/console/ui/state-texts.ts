import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Texts } from '#console/i18n/language.ts';

/** The word for each state of a server. */
export const STATE_TEXTS = {
  en: { up: 'up', down: 'down', unknown: 'unknown', warming: 'warming up', maintenance: 'maintenance' },
  zh: { up: '在线', down: '离线', unknown: '未知', warming: '预热期', maintenance: '维护中' },
} as const satisfies Texts<ServerState>;

import type { HealthTransition, ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { Incident } from '@imagefleet/shared/common/operator/history-schemas.ts';

/** One sentence for people, in both languages of the product. */
export interface BilingualText {
  readonly en: string;
  readonly zh: string;
}

/** Servers that a sentence names; of more it says how many there are. */
const MAX_NAMES = 10;

const STATES: Readonly<Record<ServerState, BilingualText>> = {
  up: { en: 'is up', zh: '已上线' },
  down: { en: 'is down', zh: '已下线' },
  warming: { en: 'answers again and is warming up', zh: '恢复应答，正在预热' },
  unknown: { en: 'cannot be judged', zh: '状态未知' },
  maintenance: { en: 'is in maintenance', zh: '进入维护' },
};

export function transitionText({ server, to, cause, isConfirmed }: HealthTransition): BilingualText {
  const state = STATES[to];
  const doubt = doubtOf(to === 'down' && !isConfirmed);
  return {
    en: `${server} ${state.en}${because(cause, 'en')}${doubt.en}`,
    zh: `${server} ${state.zh}${because(cause, 'zh')}${doubt.zh}`,
  };
}

export function noticeText(what: 'incident' | 'recovery', incident: Incident): BilingualText {
  const { cause, servers, missing, isConfirmed, openedAt, closedAt } = incident;
  if (what === 'recovery') {
    const minutes = Math.max(1, Math.round(((closedAt ?? openedAt) - openedAt) / 60_000));
    const names = namesOf(servers);
    const lasted = { en: ` after ${String(minutes)} min`, zh: `，历时 ${String(minutes)} 分钟` };
    if (names === null)
      return { en: `The monitor's network works again${lasted.en}`, zh: `监控自身的网络已恢复${lasted.zh}` };
    return { en: `Back again: ${names.en}${lasted.en}`, zh: `已恢复：${names.zh}${lasted.zh}` };
  }
  const names = namesOf(missing);
  if (names === null)
    return { en: `The monitor cannot judge${because(cause, 'en')}`, zh: `监控无法判断${because(cause, 'zh')}` };
  const doubt = doubtOf(!isConfirmed);
  return {
    en: `Down: ${names.en}${because(cause, 'en')}${doubt.en}`,
    zh: `已下线：${names.zh}${because(cause, 'zh')}${doubt.zh}`,
  };
}

function because(cause: ProbeCause | null, language: 'en' | 'zh'): string {
  if (cause === null) return '';
  const { title } = errorSentence(cause.code, language);
  return language === 'en' ? ` (${title}: ${cause.message})` : `（${title}：${cause.message}）`;
}

function doubtOf(isDoubtful: boolean): BilingualText {
  if (!isDoubtful) return { en: '', zh: '' };
  return { en: '; unconfirmed: nobody else could be asked', zh: '；未经确认：没有其他节点可以询问' };
}

function namesOf(servers: readonly string[]): BilingualText | null {
  if (servers.length === 0) return null;
  const more = servers.length - MAX_NAMES;
  const shown = servers.slice(0, MAX_NAMES);
  if (more <= 0) return { en: shown.join(', '), zh: shown.join('、') };
  return {
    en: `${shown.join(', ')} and ${String(more)} more`,
    zh: `${shown.join('、')} 等 ${String(servers.length)} 台`,
  };
}

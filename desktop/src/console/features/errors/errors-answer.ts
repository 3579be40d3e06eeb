import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { formatCount, formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import type { Translate } from '#console/i18n/language-context.tsx';
import { joinSentences, type Language } from '#console/i18n/language.ts';
import { needsSomebody, type Causes, type CauseRow } from './causes.ts';
import type { ERRORS_TEXTS } from './errors-texts.ts';

export type ErrorsTranslate = Translate<keyof (typeof ERRORS_TEXTS)['en']>;

export interface AnswerFacts {
  readonly causes: Causes;
  /** Servers whose part is not known. */
  readonly silent: readonly string[];
  readonly now: number;
  readonly language: Language;
}

/** What failed, why, and what now? In one or two sentences. */
export function errorsAnswer({ causes, silent, now, language }: AnswerFacts, t: ErrorsTranslate): string {
  const { rows } = causes;
  const [first] = rows;
  if (first === undefined) return t(silent.length === 0 ? 'none' : 'noneKnown');
  return joinSentences(rows.length === 1 ? oneCause(first, { now, language }, t) : manyCauses(rows, t), language);
}

function oneCause(
  row: CauseRow,
  { now, language }: Pick<AnswerFacts, 'now' | 'language'>,
  t: ErrorsTranslate,
): string[] {
  const { count, server, since, code, fate } = row;
  const values = { count, shown: formatCount(count), server, since: formatInstant(since, now) };
  const cause = code === null ? null : withinSentence(errorSentence(code, language).title);
  const what = cause === null ? t('waitUnnamed', values) : t('wait', { ...values, cause });
  return [what, t(fate, { count })];
}

function manyCauses(rows: readonly CauseRow[], t: ErrorsTranslate): string[] {
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const needing = rows.filter(({ fate }) => needsSomebody(fate)).reduce((sum, row) => sum + row.count, 0);
  const servers = new Set(rows.map(({ server }) => server)).size;
  const what = t('waitMany', { count, shown: formatCount(count), causes: rows.length, servers });
  if (needing === 0) return [what, t('allByThemselves')];
  return [what, t('someNeedYou', { count: needing, shown: formatCount(needing) })];
}

/** English begins a title with a capital; SVG stays SVG. */
function withinSentence(title: string): string {
  return /^[A-Z][a-z ]/.test(title) ? `${title.charAt(0).toLowerCase()}${title.slice(1)}` : title;
}

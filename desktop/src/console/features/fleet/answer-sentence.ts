import { formatCount, formatInstant, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { Translate } from '#console/i18n/language-context.tsx';
import { joinNames, joinSentences, type Language } from '#console/i18n/language.ts';
import type { ANSWER_TEXTS } from './answer-texts.ts';
import type { AnswerPart } from './fleet-answer.ts';

export type AnswerTranslate = Translate<keyof (typeof ANSWER_TEXTS)['en']>;

/** What sentences with times and names in them are made by. */
export interface Manner {
  readonly now: number;
  readonly language: Language;
}

/** The parts as sentences. */
export function answerSentence(parts: readonly AnswerPart[], t: AnswerTranslate, manner: Manner): string {
  return joinSentences(
    parts.map((part) => sentenceOf(part, t, manner)),
    manner.language,
  );
}

function sentenceOf(part: AnswerPart, t: AnswerTranslate, { now, language }: Manner): string {
  const names = (servers: readonly string[]): string => joinNames(servers, language);
  switch (part.kind) {
    case 'down':
      return downSentence(part, t, now);
    case 'goesOn':
      return t('goesOn', { up: part.up, total: part.total });
    case 'silent':
      return t('silent', { servers: names(part.servers) });
    case 'filling': {
      const values = { server: part.server, done: formatCount(part.done), total: formatCount(part.total) };
      return part.etaSeconds === null
        ? t('filling', values)
        : t('fillingEta', { ...values, eta: formatSeconds(part.etaSeconds) });
    }
    case 'behind': {
      const { holding, total } = part;
      return t(holding === 0 ? 'behindAll' : 'behind', { holding, total, servers: names(part.servers) });
    }
    case 'lacking': {
      const values = { count: part.copies, shown: formatCount(part.copies) };
      return part.etaSeconds === null
        ? t('lacking', values)
        : t('lackingEta', { ...values, eta: formatSeconds(part.etaSeconds) });
    }
    case 'stateOf':
      return t(part.state, { servers: names(part.servers) });
    default:
      return wellSentence(part, t, { now, language });
  }
}

type DownPart = AnswerPart & { readonly kind: 'down' };

function downSentence({ server, since, copies }: DownPart, t: AnswerTranslate, now: number): string {
  if (since === null) return t('downOnly', { server });
  const values = { server, since: formatInstant(since, now) };
  if (copies === null || copies === 0) return t('down', values);
  return t('downWaits', { ...values, count: copies, shown: formatCount(copies) });
}

function comparedSentence(part: AnswerPart & { readonly kind: 'compared' }, t: AnswerTranslate, now: number): string {
  const values = { total: part.total, at: formatInstant(part.at, now) };
  if (part.images === null) return t('comparedOnly', values);
  return t('compared', { ...values, count: part.images, shown: formatCount(part.images) });
}

type WellKind = 'single' | 'proved' | 'compared' | 'differs' | 'incomplete' | 'countsDiffer' | 'notProved' | 'newer';
type WellPart = AnswerPart & { readonly kind: WellKind };

function wellSentence(part: WellPart, t: AnswerTranslate, { now, language }: Manner): string {
  const counted = (images: number) => ({ count: images, shown: formatCount(images) });
  switch (part.kind) {
    case 'single':
      return part.images === null ? t('singleOnly') : t('single', counted(part.images));
    case 'proved':
      return t('proved', { ...counted(part.images), total: part.total, at: formatInstant(part.at, now) });
    case 'compared':
      return comparedSentence(part, t, now);
    case 'differs':
    case 'incomplete':
      return t(part.kind, { servers: joinNames(part.servers, language), at: formatInstant(part.at, now) });
    case 'countsDiffer': {
      const counts = part.counts.map(({ server, images }) => `${server} ${formatCount(images)}`);
      return t('countsDiffer', { counts: joinNames(counts, language) });
    }
    case 'notProved':
      return part.images === null ? t('notProvedOnly') : t('notProved', { ...counted(part.images), total: part.total });
    case 'newer':
      return t('newer', counted(part.images));
  }
}

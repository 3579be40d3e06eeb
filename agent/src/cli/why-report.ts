import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { outlookOf } from '@imagefleet/shared/common/health/outlook.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import { formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import type { Language } from './language.ts';
import { STATE_WORDS } from './state-words.ts';
import { tableLines } from './table.ts';
import { WHY_TEXTS, type WhyTexts } from './why-texts.ts';

/** A verdict as people read it: what, by which rule, on whose votes, what comes next, and what was seen. */
export function whyLines(verdict: Verdict, language: Language, now: number): readonly string[] {
  const texts = WHY_TEXTS[language];
  const { server, state, sinceAt, votes, probes, settings } = verdict;
  const rows = probes.map(({ at, observation }) => [
    formatInstant(at, now),
    texts.kinds[observation.kind],
    ...detailsOf(observation, language),
  ]);
  return [
    texts.head(server, STATE_WORDS[language][state], formatInstant(sinceAt, now)),
    texts.rules[verdict.rule](verdict),
    ...(votes === null ? [] : [texts.votes(votes.reached, votes.unreached, formatInstant(votes.at, now))]),
    ...reachabilityLine(verdict, texts),
    texts.next(outlookOf(verdict), server),
    '',
    ...(rows.length === 0 ? [texts.noProbes] : tableLines([texts.columns, ...rows], [2])),
    '',
    texts.settings(settings),
  ];
}

/** Said where it is not what everybody expects of the state. */
function reachabilityLine({ state, reachability }: Verdict, texts: WhyTexts): readonly string[] {
  const isExpected =
    (state === 'up' && reachability === 'reachable') || (state === 'down' && reachability === 'unreachable');
  return isExpected ? [] : [texts.reachability[reachability]];
}

function detailsOf(observation: Observation, language: Language): readonly [string, string] {
  if (observation.kind === 'success') return [formatMs(observation.latencyMs), ''];
  const { code, message } = observation.cause;
  return ['', `${errorSentence(code, language).title} [${code}] ${message}`];
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${String(Math.round(ms))} ms`;
}

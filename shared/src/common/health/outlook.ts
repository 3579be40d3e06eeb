import type { Verdict } from './verdict.ts';

/** What becomes of a server next if its probes go on as they do now. */
export type Outlook =
  /** It answers: up after so long. */
  | { readonly kind: 'up-in'; readonly ms: number }
  /** It is up: down after so many failures more, one after the other. */
  | { readonly kind: 'down-after'; readonly failures: number }
  /** It is silent, and others reach it: it stays up until they do not. */
  | { readonly kind: 'witnesses-decide' }
  /** It does not answer: the first answer begins the warm-up, so it is up at the earliest so long after it. */
  | { readonly kind: 'up-after-answer'; readonly ms: number }
  /** It was not judged, and comes back to what it was with the first answer. */
  | { readonly kind: 'back-with-answer' }
  /** Probes cannot be made: as soon as they can, it is judged again. */
  | { readonly kind: 'back-with-probes' }
  /** Nothing changes by itself. */
  | { readonly kind: 'until-ended' };

/** Pure; the verdict has all that is needed. */
export function outlookOf(verdict: Verdict): Outlook {
  const { state, rule, settings, failuresInRow, warmUpLeftMs } = verdict;
  if (state === 'maintenance') return { kind: 'until-ended' };
  if (rule === 'own-failure') return { kind: 'back-with-probes' };
  if (rule === 'isolated') return { kind: 'back-with-answer' };
  if (rule === 'witnesses-reach-it') return { kind: 'witnesses-decide' };
  if (state === 'up') return { kind: 'down-after', failures: Math.max(1, settings.fall - failuresInRow) };
  if (warmUpLeftMs !== null && failuresInRow === 0) return { kind: 'up-in', ms: warmUpLeftMs };
  return { kind: 'up-after-answer', ms: shortestWayUp(verdict) };
}

/** `rise` answers take their time even where the warm-up is shorter. */
function shortestWayUp({ settings }: Verdict): number {
  return Math.max(settings.warmUpMs, (settings.rise - 1) * settings.fastIntervalMs);
}

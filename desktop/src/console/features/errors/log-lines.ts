import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Language } from '#console/i18n/language.ts';

export type LogLine = OperatorOutput<'readFailureLog'>['lines'][number];

/** Lines in which every word of the filter stands: in the path, the server, the code, its sentence or the message. */
export function matchingLines(lines: readonly LogLine[], filter: string, language: Language): readonly LogLine[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return lines;
  return lines.filter(({ path, server, code, message }) => {
    const text = `${path} ${server} ${code} ${errorSentence(code, language).title} ${message}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

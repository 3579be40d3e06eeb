import { z } from 'zod';

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Binary multiples, as file managers count. */
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

function quantity(units: Readonly<Record<string, number>>, example: string) {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join('|')})$`);
  return z.string().transform((text, context) => {
    const match = pattern.exec(text.trim());
    const unit = units[match?.[2] ?? ''];
    if (match === null || unit === undefined) {
      context.issues.push({
        code: 'custom',
        message: `expected a number with a unit, such as ${example}`,
        input: text,
      });
      return z.NEVER;
    }
    return Math.round(Number(match[1]) * unit);
  });
}

/** `500ms 2s 10m 1h 7d`, read into milliseconds. */
export const durationMs = quantity(DURATION_UNITS_MS, '500ms, 2s, 10m or 7d');
/** `512KB 10MB 2GB`, read into bytes. */
export const sizeBytes = quantity(SIZE_UNITS, '512KB, 10MB or 2GB');

import { z } from 'zod';

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Binary multiples, as file managers count. */
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const DURATION_EXAMPLE = '500ms, 2s, 10m or 7d';
const SIZE_EXAMPLE = '512KB, 10MB or 2GB';

/** Bounds of a quantity, written as people write it; both count as allowed. */
export interface QuantityBounds {
  readonly min?: string;
  readonly max?: string;
}

/** `500ms 2s 10m 1h 7d`, read into milliseconds. */
export const durationMs = duration({});
/** `512KB 10MB 2GB`, read into bytes. */
export const sizeBytes = size({});

/** A duration within bounds, read into milliseconds. */
export function duration(bounds: QuantityBounds) {
  return quantity(DURATION_UNITS_MS, DURATION_EXAMPLE, bounds);
}

/** A size within bounds, read into bytes. */
export function size(bounds: QuantityBounds) {
  return quantity(SIZE_UNITS, SIZE_EXAMPLE, bounds);
}

/** A whole number, also as text, because environment variables are text. */
export function wholeNumber(min: number, max: number) {
  const message = `expected a whole number from ${String(min)} to ${String(max)}`;
  return z
    .union([z.number(), z.string().regex(/^\d{1,15}$/, message)], message)
    .transform(Number)
    .pipe(z.int(message).min(min, message).max(max, message));
}

/** True or false, also as text. */
export const flag = z.union([z.boolean(), z.stringbool()], 'expected true or false');

/** A duration as people write it, in the largest unit that divides it. */
export function formatDuration(ms: number): string {
  return format(ms, DURATION_UNITS_MS, 'ms');
}

/** A size as people write it, in the largest unit that divides it. */
export function formatSize(bytes: number): string {
  return format(bytes, SIZE_UNITS, 'B');
}

function quantity(units: Readonly<Record<string, number>>, example: string, bounds: QuantityBounds) {
  const expected = `expected a number with a unit, such as ${example}`;
  return z.string(expected).transform((text, context) => {
    const value = read(text, units);
    const isLow = value !== undefined && value < (read(bounds.min ?? '', units) ?? 0);
    const isHigh = value !== undefined && value > (read(bounds.max ?? '', units) ?? Number.MAX_SAFE_INTEGER);
    if (value !== undefined && !isLow && !isHigh) return value;
    const limit = isLow ? `at least ${bounds.min ?? ''}` : `at most ${bounds.max ?? 'what a number can hold'}`;
    context.issues.push({ code: 'custom', message: value === undefined ? expected : limit, input: text });
    return z.NEVER;
  });
}

function read(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?)\s*([A-Za-z]+)$/.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor);
}

function format(value: number, units: Readonly<Record<string, number>>, smallest: string): string {
  const fitting = Object.entries(units).filter(([, factor]) => value !== 0 && value % factor === 0);
  const [unit, factor] = fitting.at(-1) ?? [smallest, 1];
  return `${String(value / factor)}${unit}`;
}

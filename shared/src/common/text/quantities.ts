const STEP = 1024;
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** Binary units with one decimal: `1.5 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(1)} ${UNITS[unit] ?? 'B'}`;
}

/** With thousands separators: `1,204,331`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
  if (whole < 86_400) return `${String(Math.floor(whole / 3600))} h ${String(Math.floor((whole % 3600) / 60))} min`;
  return `${String(Math.floor(whole / 86_400))} d ${String(Math.floor((whole % 86_400) / 3600))} h`;
}

/** Local time, with the date when it is not today: `14:02:11`, `2026-01-31 14:02:11`. */
export function formatInstant(at: number, now: number): string {
  const text = (value: number): string => new Date(value - new Date(value).getTimezoneOffset() * 60_000).toISOString();
  const [day = '', time = ''] = text(at).split('T');
  const clock = time.slice(0, 8);
  return text(now).startsWith(day) ? clock : `${day} ${clock}`;
}

/** What the page shows, as it stands in the address. */
export interface ImagePlace {
  /** yyyy-MM-dd; `all`; null when nobody chose: today, or all days for a search. */
  readonly day: string | null;
  readonly q: string;
  /** The image that is open. */
  readonly path: string | null;
}

export const ALL_DAYS = 'all';
/** As the API takes it. */
const MAX_SEARCH = 200;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function imagePlaceOf(query: URLSearchParams): ImagePlace {
  const day = query.get('day');
  const isDay = day === ALL_DAYS || (day !== null && isCalendarDay(day));
  return { day: isDay ? day : null, q: query.get('q') ?? '', path: query.get('path') };
}

/** A date that a calendar has: the browser takes February 30 for March 2. */
function isCalendarDay(day: string): boolean {
  const at = DAY.test(day) ? Date.parse(day) : NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

export function queryOfPlace({ day, q, path }: ImagePlace): URLSearchParams {
  const query = new URLSearchParams();
  if (day !== null) query.set('day', day);
  if (q !== '') query.set('q', q);
  if (path !== null) query.set('path', path);
  return query;
}

/** The day that is shown (yyyy-MM-dd), or undefined for all of them. */
export function shownDay({ day, q }: ImagePlace, today: string): string | undefined {
  if (day === ALL_DAYS) return undefined;
  return day ?? (searchOf(q) === undefined ? today : undefined);
}

/**
 * What is asked for: a link that somebody pasted means the image at its end, whatever server it names. Undefined: nothing.
 */
export function searchOf(typed: string): string | undefined {
  const text = typed.trim();
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  const wanted = url === undefined ? text : decoded(url.pathname).replace(/^\//, '');
  return wanted === '' ? undefined : wanted.slice(0, MAX_SEARCH);
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

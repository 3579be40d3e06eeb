/** A day of the calendar in some time zone; the parts are digits without zeros in front. */
export interface LocalDay {
  readonly year: string;
  readonly month: string;
  readonly day: string;
}

/** The last answer: time zones change day at whole minutes only, and the calendar is asked once for each. */
let last: { readonly minute: number; readonly timeZone: string | undefined; readonly day: LocalDay } | undefined;

/** The day of an instant (epoch milliseconds) in a time zone (IANA name; undefined: the machine's own). */
export function localDay(atMs: number, timeZone: string | undefined): LocalDay {
  const minute = Math.floor(atMs / 60_000);
  if (last?.minute === minute && last.timeZone === timeZone) return last.day;
  const day = { year: '', month: '', day: '' };
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) {
    if (type === 'year' || type === 'month' || type === 'day') day[type] = value;
  }
  last = { minute, timeZone, day };
  return day;
}

/** Making a formatter costs a hundred times what using one does, and a process knows one or two time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 16;

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const key = timeZone ?? '';
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    ...(timeZone === undefined ? {} : { timeZone }),
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
  });
  if (formats.size >= MAX_FORMATS) formats.clear();
  formats.set(key, made);
  return made;
}

/** The names of time zones differ between runtimes in their lists, but every runtime refuses what it does not know. */
export function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What is known of the images that are asked for. */
export interface Found {
  /** Loaded so far. */
  readonly count: number;
  /** Nothing is left on the server. */
  readonly isComplete: boolean;
  readonly isSearch: boolean;
  /** yyyy-MM-dd; undefined: all days. */
  readonly day: string | undefined;
  /** All images of the server, where it told. */
  readonly total: number | null;
}

export interface AnswerLine {
  readonly key: 'onDay' | 'moreOnDay' | 'inAll' | 'moreInAll' | 'found' | 'moreFound' | 'foundOnDay' | 'moreFoundOnDay';
  readonly count: number;
}

const KEYS = {
  day: ['onDay', 'moreOnDay'],
  all: ['inAll', 'moreInAll'],
  search: ['found', 'moreFound'],
  searchDay: ['foundOnDay', 'moreFoundOnDay'],
} as const;

/** The first line of the page. What is not loaded is not counted: it says "more than" instead. */
export function answerLine({ count, isComplete, isSearch, day, total }: Found): AnswerLine {
  const isAll = day === undefined && !isSearch;
  if (isAll && !isComplete && total !== null && total > count) return { key: 'inAll', count: total };
  const kind = isSearch ? (day === undefined ? 'search' : 'searchDay') : day === undefined ? 'all' : 'day';
  return { key: KEYS[kind][isComplete ? 0 : 1], count };
}

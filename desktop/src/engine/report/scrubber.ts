/** Stands where a secret was, so that whoever reads it sees that there was one. */
export const REMOVED = '[removed]';

export interface ScrubberOptions {
  /** Keys and tokens that this program knows; none that is shorter than MIN_SECRET_LENGTH is looked for. */
  readonly secrets: readonly string[];
  /** The operator's home folder; becomes `~`. Empty: nothing is shortened. */
  readonly home: string;
}

/** What can stand as JSON. */
export type Scrubbed = string | number | boolean | null | readonly Scrubbed[] | { readonly [name: string]: Scrubbed };

/** A shorter one stands in half of all words, and would leave no text to read. */
const MIN_SECRET_LENGTH = 4;
/** Of lists and fields, and of levels; what is beyond is left out. */
const MAX_DEPTH = 16;
const MAX_ENTRIES = 2000;
const MAX_TEXT_LENGTH = 10_000;

const SECRET_WORDS = 'keys?|tokens?|secrets?|passwords?|passwd|pwd|cookies?|sessions?|sid|authorization|credentials?';
const SECRET_FIELD = new RegExp(`(?:${SECRET_WORDS})$`, 'i');
/** Whole headers: what follows on the line belongs to them. */
const HEADERS = /\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=])[^\r\n]*/gi;
/** Schemes of RFC 7235 as they stand in texts without their header. */
const SCHEMES = /\b(bearer|basic)\s+[^\s"'<>,;)]+/gi;
const ASSIGNMENTS = new RegExp(
  `((?:${SECRET_WORDS})["']?\\s*(?:=|:|%3d)\\s*)(?:"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?|[^\\s&"'<>,;]+)`,
  'gi',
);
const USER_INFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi;
/** A query or fragment of an address holds keys and login links, and is worth little to whoever looks for a fault. */
const QUERY = /\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi;

/** With a drive or the name of a computer before it. */
const WINDOWS_PATH = /^(?:[a-z]:|\\\\)/i;

/**
 * Takes out of texts what nobody else may see: secrets that are known, in the forms in which addresses, headers and JSON write
 * them, and whatever stands where secrets stand. It would rather take too much.
 */
export class Scrubber {
  readonly #known: RegExp | undefined;
  readonly #home: RegExp | undefined;

  constructor({ secrets, home }: ScrubberOptions) {
    const forms = new Set(secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH).flatMap(formsOf));
    // The longest first: one secret may begin another.
    const longestFirst = [...forms].sort((a, b) => b.length - a.length);
    this.#known = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.map(escaped).join('|'), 'gi');
    this.#home = homePattern(home);
  }

  text(text: string): string {
    const known = this.#known === undefined ? text : text.replace(this.#known, REMOVED);
    const plain = known
      .slice(0, MAX_TEXT_LENGTH)
      .replace(HEADERS, `$1$2 ${REMOVED}`)
      .replace(SCHEMES, `$1 ${REMOVED}`)
      .replace(USER_INFO, '$1')
      .replace(QUERY, '$1')
      .replace(ASSIGNMENTS, `$1${REMOVED}`);
    return this.#home === undefined ? plain : plain.replace(this.#home, '~');
  }

  /** The same for every text and name in a value; fields that are named like secrets lose what they hold. */
  value(value: unknown, depth = 0): Scrubbed {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return null;
    if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((entry) => this.value(entry, depth + 1));
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, MAX_ENTRIES)
        .filter(([, held]) => held !== undefined)
        .map(([name, held]) => [this.text(name), this.#field(name, held, depth)]),
    );
  }

  #field(name: string, held: unknown, depth: number): Scrubbed {
    const isSecret = SECRET_FIELD.test(name) && held !== null && typeof held !== 'boolean';
    return isSecret ? REMOVED : this.value(held, depth + 1);
  }
}

/** Only as the start of a path, and of whole segments; what ends like it is no home of anybody. */
function homePattern(home: string): RegExp | undefined {
  const isWindows = WINDOWS_PATH.test(home);
  const segments = home.replace(/[\\/]+$/, '').split(isWindows ? /[\\/]/ : '/');
  // The root of a disk stands in every path.
  if (segments.length < 2) return undefined;
  // Windows takes both separators and any case, and JSON doubles the one of them.
  const path = segments.map(escaped).join(isWindows ? String.raw`[\\/]+` : '/');
  const ends = String.raw`(?=[/\\\s"'<>:;,)]|$)`;
  return new RegExp(String.raw`(?<![\w.-])${path}${ends}`, isWindows ? 'gi' : 'g');
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    // A half of a surrogate pair cannot stand in an address.
    encodeURIComponent(secret.toWellFormed()),
    encodeURI(secret.toWellFormed()),
    new URLSearchParams({ s: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ];
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

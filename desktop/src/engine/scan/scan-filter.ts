import picomatch from 'picomatch';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/**
 * Patterns over the path below the folder that was added, by forward slashes: `*`, `**`, `?`, `[…]` and `{a,b}` as picomatch
 * reads them. Upper and lower case are the same. A pattern without a slash is one for the name, at any depth.
 */
export interface ScanRules {
  /** Without any, every image is taken. */
  readonly include?: readonly string[];
  /** Stronger than `include`. A folder that one names is not entered. */
  readonly exclude?: readonly string[];
}

export interface ScanFilter {
  readonly takesFile: (below: string) => boolean;
  readonly entersFolder: (below: string) => boolean;
}

type Matcher = (below: string) => boolean;

const MAX_PATTERN_LENGTH = 200;
const MAX_PATTERNS = 100;
/**
 * A pattern becomes a regular expression, and each star in one name multiplies what that tries with a long name by its length:
 * ten of them take for ever.
 */
const TOO_MANY_STARS = /(?:\*[^*/]*){4}|(?:\*\*.*){4}/;
/** Extended globs nest, and nested repetition is what makes a regular expression slow. */
const OPTIONS = { dot: true, nocase: true, noextglob: true, nonegate: true, windows: false };

/** Errors: INPUT_INVALID for a pattern that is empty or too long, or for too many. */
export function scanFilter({ include = [], exclude = [] }: ScanRules): ScanFilter {
  if (include.length + exclude.length > MAX_PATTERNS) {
    throw new FleetError('INPUT_INVALID', `there are more than ${String(MAX_PATTERNS)} patterns`);
  }
  const includes = include.map(matcherOf);
  const excludes = exclude.map(matcherOf);
  const isExcluded: Matcher = (below) => excludes.some((matches) => matches(below));
  return {
    takesFile: (below) => (includes.length === 0 || includes.some((matches) => matches(below))) && !isExcluded(below),
    entersFolder: (below) => !isExcluded(below),
  };
}

function matcherOf(pattern: string): Matcher {
  const plain = pattern.trim().replace(/^(?:\.?\/)+/, '');
  // "cache/" is the folder: with all that is in it.
  const named = plain.replace(/\/+$/, '');
  if (named === '' || pattern.length > MAX_PATTERN_LENGTH || TOO_MANY_STARS.test(named)) {
    throw new FleetError('INPUT_INVALID', `no pattern for files: "${pattern.slice(0, MAX_PATTERN_LENGTH)}"`, {
      hint: 'Write for example *.png, or drafts/**. A name takes three stars at most.',
    });
  }
  const isAnchored = named.includes('/') || pattern.trim().startsWith('/');
  return picomatch(isAnchored ? named : `**/${named}`, OPTIONS);
}

import type { AgentConfig } from './agent-config.ts';
import { formatConfigPath, type ConfigProblem } from './config-rules.ts';
import { isLoopbackHost, parseListenAddress } from './listen-address.ts';

const MIN_KEY_LENGTH = 16;
/** Fewer different characters than this are a pattern, not a key. */
const MIN_DIFFERENT_CHARACTERS = 5;
/** Keys that stand in documentation, samples and habits; compared without case, punctuation and repetition. */
const SAMPLE_KEYS = [
  'asdfdsfsdf',
  'asdf',
  'asdfghjkl',
  'changeme',
  'changeit',
  'default',
  'example',
  'imagefleet',
  'key',
  'letmein',
  'mykey',
  'password',
  'qwerty',
  'qwertyuiop',
  'sample',
  'secret',
  'securitykey',
  'test',
  'yourkey',
  'yoursecuritykey',
  'yoursecretkey',
];

export interface KeyVerdict {
  /** The agent must not start. */
  readonly refusals: readonly ConfigProblem[];
  /** Whole sentences for the log. */
  readonly warnings: readonly string[];
}

/**
 * A missing, short or well-known key is refused where others can reach the server, and warned of on loopback, where a
 * first try should work. The keys themselves never stand in the answer.
 */
export function judgeKeys(config: JudgedConfig & Pick<AgentConfig, 'listen'>): KeyVerdict {
  const weak = weakKeys(config);
  const host = parseListenAddress(config.listen)?.host ?? '';
  if (!isLoopbackHost(host)) {
    const refusals = weak.map(({ path, message }) => ({
      path,
      message: `${message}, and ${config.listen} can be reached by others; use a random text of at least ${String(MIN_KEY_LENGTH)} characters`,
    }));
    return { refusals, warnings: [] };
  }
  const warnings = weak.map(({ path, message }) => {
    return `${formatConfigPath(path)} ${message}. On loopback that is allowed; on an address that others can reach it would be refused.`;
  });
  return { refusals: [], warnings };
}

type JudgedConfig = Pick<AgentConfig, 'securityKey' | 'peerKey' | 'keys'>;

function weakKeys({ securityKey, peerKey, keys }: JudgedConfig): readonly ConfigProblem[] {
  if (securityKey === undefined && keys.length === 0) {
    return [{ path: ['securityKey'], message: 'is missing, so everybody is let in' }];
  }
  const named = keys.map(({ key }, index) => ({ path: ['keys', index, 'key'], key }));
  const own = [
    { path: ['securityKey'], key: securityKey },
    { path: ['peerKey'], key: peerKey },
  ];
  return [...own, ...named].flatMap(({ path, key }) => {
    const message = key === undefined ? undefined : weaknessOf(key);
    return message === undefined ? [] : [{ path, message }];
  });
}

/** What is wrong with a key, as the end of a sentence; undefined when nothing is. */
export function weaknessOf(key: string): string | undefined {
  const plain = key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  if (SAMPLE_KEYS.some((sample) => isRepetition(plain, sample))) return 'is a sample key that everybody knows';
  if (isCount(plain)) return 'is a plain row of digits or letters';
  if (key.length < MIN_KEY_LENGTH) return `is shorter than ${String(MIN_KEY_LENGTH)} characters`;
  if (new Set(key).size < MIN_DIFFERENT_CHARACTERS) return 'has too few different characters';
  return undefined;
}

/** The sample, again and again, with digits at the end: `changeme`, `changeme-123`, `test-test-test-test`. */
function isRepetition(plain: string, sample: string): boolean {
  return plain.replaceAll(sample, '').replace(/^\d{1,8}$/, '') === '' && plain.includes(sample);
}

/** `1234567890123456`, `0123456789abcdef`. */
function isCount(plain: string): boolean {
  return (
    plain !== '' &&
    ('01234567890'.repeat(10).includes(plain) ||
      '1234567890'.repeat(10).includes(plain) ||
      '0123456789abcdefghijklmnopqrstuvwxyz'.includes(plain))
  );
}

import type { ResolvableServer } from '@imagefleet/shared/common/resolver/resolvable-server.ts';
import { seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { sessionId } from '@imagefleet/shared/testing/session-ids.ts';

const SEED = 44;
const PORT = 42424;

/** Keys of every kind: sessions, numbers, words, what is not ASCII, what is not even whole Unicode. */
export function rendezvousKeys(): readonly string[] {
  const random = seededRandom(SEED);
  return [
    ...Array.from({ length: 24 }, () => sessionId(random)),
    ...Array.from({ length: 8 }, (_, index) => `user-${String(index)}`),
    ...[
      '',
      ' ',
      '0',
      'a',
      'A',
      'ä',
      'é',
      '会话',
      '漢字かな',
      '\u{1f5bc}\u{fe0f}',
      'a\u{10ffff}z',
      '\u07ff\u0800\uffff',
    ],
    ...['\ud83d', '\ude00x', 'a\ude00\ud83d', '\ud83d\ud83d\ude00', 'tab\tand\nline', '"quoted\\"', '\0'],
    'k'.repeat(1000),
  ];
}

/** Sets of servers by name, in the order of their file. */
export function rendezvousSets(): Readonly<Record<string, readonly ResolvableServer[]>> {
  return {
    none: [],
    'all-down': named(4).map((server) => ({ ...server, online: false })),
    ...Object.fromEntries([1, 2, 3, 4, 5, 8, 20, 33].map((count) => [`equal-${String(count)}`, named(count)])),
    reversed: named(5).toReversed(),
    'two-down': named(5).map((server, index) => ({ ...server, online: index !== 1 && index !== 3 })),
    'equal-weight-7': weighted([7, 7, 7]),
    'weights-1-2-3': weighted([1, 2, 3]),
    'weights-fractions': weighted([0.1, 0.5, 1, 1.5, 2.25]),
    'weights-extreme': weighted([1e-9, 1 / 1024, 1, 8191, 1e9]),
    'weights-33': weighted(Array.from({ length: 33 }, (_, index) => 1 + (index % 4))),
    'one-host-many-ports': [1, 2, 3, 4].map((port) => ({ host: 'localhost', port, online: true, weight: 1 })),
    'odd-hosts': ['::1', '[fe80::1]', '127.0.0.1', 'App-Server', 'app-server', '图片一', 'z.example.com'].map(server),
    twice: [server('a'), server('b'), server('a'), { ...server('b'), weight: 2 }],
  };
}

function server(host: string): ResolvableServer {
  return { host, port: PORT, online: true, weight: 1 };
}

function named(count: number): readonly ResolvableServer[] {
  return Array.from({ length: count }, (_, index) => server(`state${String(index + 1)}`));
}

function weighted(weights: readonly number[]): readonly ResolvableServer[] {
  return weights.map((weight, index) => ({ ...server(`state${String(index + 1)}`), weight }));
}

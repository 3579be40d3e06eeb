import type { ResolvableServer } from '#common/resolver/resolvable-server.ts';

/** A server that is online and like all others, but for what a test is about. */
export function resolvableServer(overrides: Partial<ResolvableServer> = {}): ResolvableServer {
  return { host: 'state1', port: 42424, online: true, weight: 1, ...overrides };
}

/** `state1`, `state2` … */
export function resolvableServers(
  count: number,
  change: (index: number) => Partial<ResolvableServer> = () => ({}),
): readonly ResolvableServer[] {
  return Array.from({ length: count }, (_, index) =>
    resolvableServer({ host: `state${String(index + 1)}`, ...change(index) }),
  );
}

import { existsSync, readFileSync } from 'node:fs';

/**
 * `npm run durability` runs the tests of faults in full; `npm test` only some rounds of each, so that it stays short.
 */
export const IS_FULL_RUN = process.env['IMAGEFLEET_DURABILITY'] === 'full';

/** For a test that goes through rounds. */
export const ROUNDS_LIMIT_MS = IS_FULL_RUN ? 30 * 60_000 : 120_000;

/** Bit of CAP_SYS_ADMIN in a set of capabilities; see capabilities(7). Without it root mounts nothing and makes no hosts. */
const SYS_ADMIN = 1n << 21n;

/** What decides whether a test may be skipped. */
export interface Machine {
  readonly isFullRun: boolean;
  /** The environment says that a proof may be left out: IMAGEFLEET_ALLOW_SKIPS=1. */
  readonly allowsSkips: boolean;
  /** Root of a Debian, with the rights of root: the set-up gets everything that the tests need. */
  readonly isAbleRoot: boolean;
}

/**
 * Whether a test that cannot run fails. A full run is to prove everything; and where everything can be had, a test that
 * is skipped hides that something broke.
 */
function mustRun({ isFullRun, allowsSkips, isAbleRoot }: Machine): boolean {
  return !allowsSkips && (isFullRun || isAbleRoot);
}

/** For a test that this machine has not the means for: it counts as skipped, never as passed, or it fails and names the obstacle. */
export function skipFor(ctx: { skip: (note: string) => never }, obstacle: string, machine = thisMachine()): never {
  if (mustRun(machine)) {
    throw new Error(`this run cannot do without this test (IMAGEFLEET_ALLOW_SKIPS=1 lets it): ${obstacle}`);
  }
  return ctx.skip(obstacle);
}

function thisMachine(): Machine {
  return {
    isFullRun: IS_FULL_RUN,
    allowsSkips: process.env['IMAGEFLEET_ALLOW_SKIPS'] === '1',
    isAbleRoot: existsSync('/etc/debian_version') && process.getuid?.() === 0 && hasRightsOfRoot(),
  };
}

/** In a container root may be root in name only. */
function hasRightsOfRoot(): boolean {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return (BigInt(`0x${effective}`) & SYS_ADMIN) !== 0n;
}

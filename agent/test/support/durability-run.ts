/**
 * `npm run durability` runs the tests of faults in full; `npm test` only some rounds of each, so that it stays short.
 */
export const IS_FULL_RUN = process.env['IMAGEFLEET_DURABILITY'] === 'full';

/** For a test that goes through rounds. */
export const ROUNDS_LIMIT_MS = IS_FULL_RUN ? 30 * 60_000 : 120_000;

/**
 * For a test that this machine has not the means for: it counts as skipped, never as passed. A full run is to prove
 * everything, so there it fails and names the obstacle.
 */
export function skipFor(ctx: { skip: (note: string) => never }, obstacle: string, isFullRun = IS_FULL_RUN): never {
  if (isFullRun) throw new Error(`a full run cannot do without this test: ${obstacle}`);
  return ctx.skip(obstacle);
}

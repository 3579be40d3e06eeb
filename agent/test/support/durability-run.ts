/**
 * `npm run durability` runs the tests of faults in full; `npm test` only some rounds of each, so that it stays short.
 */
export const IS_FULL_RUN = process.env['IMAGEFLEET_DURABILITY'] === 'full';

/** The program's version, as in package.json; the release script keeps them equal. */
export const VERSION = '0.1.0';

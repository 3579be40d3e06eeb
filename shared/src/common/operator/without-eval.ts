import { config } from 'zod';

/**
 * Imported before any schema, it keeps zod from trying whether code can be made of text: a browser whose policy forbids that
 * would report each try. Schemas are then walked and not compiled, which no page of answers is long enough to show.
 */
config({ jitless: true });

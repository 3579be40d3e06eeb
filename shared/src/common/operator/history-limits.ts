/** Bounds of one answer about a server's history. In a file without schemas, because the threads of the store load no schema. */
export const MAX_HISTORY_POINTS = 1000;
/** The newest transitions stay. */
export const MAX_HISTORY_TRANSITIONS = 1000;

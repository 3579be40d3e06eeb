/** Tiles with pictures, or rows with words; the first one unless somebody chose. */
export const IMAGE_VIEWS = ['tiles', 'rows'] as const;
export type ImageView = (typeof IMAGE_VIEWS)[number];

/** Height of a row with the gap below it, pixels; the style sheet keeps to it. */
export const ROW_PX: Readonly<Record<ImageView, number>> = { tiles: 184, rows: 36 };

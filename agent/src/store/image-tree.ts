export interface TreeFile {
  readonly sizeBytes: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** The image folder as it lies on the disk, whatever the catalog says; for those who compare the two. */
export interface ImageTree {
  /** Paths of all files, folder by folder in no order, with forward slashes; without names that begin with a dot. */
  walk(): AsyncIterable<string>;
  /** What lies at each of the paths (at most 1000); undefined where there is no file. Throws IO_FAILED. */
  look(paths: readonly string[]): Promise<readonly (TreeFile | undefined)[]>;
}

/** How a read of a whole file ended: its bytes, which the caller may free, or why there are none. */
export type WholeFile = Buffer<ArrayBuffer> | 'missing' | 'otherSize';

/**
 * What the store does with whole small files. Two adapters: `FileWork` does it, `ThreadFiles` has a thread do it, to which
 * many calls go in one message: on a busy server a trip to another thread costs more than the work on a small file.
 */
export interface SmallFiles {
  /**
   * Makes the new file and returns when its bytes are on the disk, with their SHA-256 in lower-case hex. The bytes, memory
   * of `allocateOwned`, are given away. After a failure (DISK_FULL, IO_FAILED) the file is gone.
   */
  write(file: string, bytes: Buffer<ArrayBuffer>): Promise<string>;
  /** Returns when the new name survives a power cut. Answers the system's code, such as `ENOENT`, when it refused the rename. */
  rename(from: string, to: string): Promise<string | null>;
  /** The file's bytes, if it has just so many. Throws IO_FAILED. */
  read(file: string, sizeBytes: number): Promise<WholeFile>;
}

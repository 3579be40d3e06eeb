/** What the writers of status files need of a file system. What it rejects with are the system's own errors. */
export interface StatusDisk {
  /** Undefined when there is no such file. */
  read(path: string): Promise<string | undefined>;
  /**
   * Old or new content, whole, at every instant and after a power cut; mode and owner stay those of the old file.
   * Resolves when the new content is durable.
   */
  replace(path: string, text: string): Promise<void>;
  /** The same, but not after a power cut. */
  replaceLightly(path: string, text: string): Promise<void>;
  /** Another text whenever somebody may have changed or replaced the file; null when there is none. */
  mark(path: string): Promise<string | null>;
  /** Removes the temporary files that writes of this path left behind when they were killed, and nothing else. */
  sweep(path: string): Promise<void>;
}

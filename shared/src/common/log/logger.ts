/** Structured log. `event` is a stable name such as `replica.pushed`; what varies goes into `fields`, never into the name. */
export interface Logger {
  /** Steps, for somebody who looks for a defect. */
  debug(event: string, fields?: object): void;
  /** The state changed. */
  info(event: string, fields?: object): void;
  /** Something works less well than it should. */
  warn(event: string, fields?: object): void;
  /** An operator must act. */
  error(event: string, fields?: object): void;
  child(fields: object): Logger;
}

/** For tests and for callers who do not care. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

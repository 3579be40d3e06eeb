import type { Logger } from '@imagefleet/shared/common/log/logger.ts';

/** A wall clock that a test sets, and a monotonic one that only goes on with the time. */
export class TwoClocks {
  #wallMs: number;
  #monotonicMs = 5000;

  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }

  readonly now = (): number => this.#wallMs;
  readonly monotonic = (): number => this.#monotonicMs;

  pass(durationMs: number): void {
    this.#wallMs += durationMs;
    this.#monotonicMs += durationMs;
  }

  /** Somebody sets the wall clock. */
  jump(byMs: number): void {
    this.#wallMs += byMs;
  }
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly fields: object;
}

/** A log that is kept in memory. */
export function recordedLogger(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (event: string, fields: object = {}) => {
      lines.push({ level, event, fields });
    };
  const logger: Logger = {
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    child: () => logger,
  };
  return { logger, lines };
}

import { pino, stdSerializers, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface PinoLoggerOptions {
  readonly level: LogLevel;
  /** Name of this server, in every line. */
  readonly server: string;
  readonly destination?: DestinationStream;
}

/** Structured log as JSON lines: time, level, event, fields. Keys are blotted out, should they ever get into a field. */
export function createPinoLogger({ level, server, destination }: PinoLoggerOptions): Logger {
  const options = {
    level,
    base: { server },
    messageKey: 'event',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: describeError },
    redact: { paths: KEY_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '…' },
  };
  return adapt(destination === undefined ? pino(options) : pino(options, destination));
}

const KEY_FIELDS = ['key', 'securityKey', 'peerKey', 'authorization', 'SecurityKey', 'token', 'cookie'];

function adapt(inner: PinoLogger): Logger {
  return {
    debug: (event, fields) => {
      inner.debug(fields ?? {}, event);
    },
    info: (event, fields) => {
      inner.info(fields ?? {}, event);
    },
    warn: (event, fields) => {
      inner.warn(fields ?? {}, event);
    },
    error: (event, fields) => {
      inner.error(fields ?? {}, event);
    },
    child: (fields) => adapt(inner.child(fields)),
  };
}

/** An Error with its code and causes; whatever else was thrown as it is. */
function describeError(error: unknown): unknown {
  return error instanceof Error ? stdSerializers.errWithCause(error) : error;
}

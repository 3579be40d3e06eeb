import { pino, type DestinationStream, type Logger as Pino } from 'pino';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';

/** JSON lines: `{"level":"info","time":"…","component":…,"event":"replica.pushed",…}`. */
export function createJsonLogger(options: {
  readonly level: string;
  readonly component: string;
  readonly destination: DestinationStream;
}): Logger {
  return wrap(
    pino(
      {
        level: options.level,
        base: { component: options.component },
        messageKey: 'event',
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { error: describeError, cause: describeError },
      },
      options.destination,
    ),
  );
}

function wrap(logger: Pino): Logger {
  return {
    debug: (event, fields) => {
      logger.debug(fields ?? {}, event);
    },
    info: (event, fields) => {
      logger.info(fields ?? {}, event);
    },
    warn: (event, fields) => {
      logger.warn(fields ?? {}, event);
    },
    error: (event, fields) => {
      logger.error(fields ?? {}, event);
    },
    child: (fields) => wrap(logger.child(fields)),
  };
}

/** Errors as code, sentence, place and what led to them; other values as they are. */
function describeError(value: unknown, depth = 0): unknown {
  if (!(value instanceof Error)) return value;
  return {
    ...('code' in value ? { code: value.code } : {}),
    message: value.message,
    stack: value.stack,
    ...(value.cause === undefined || depth > 5 ? {} : { cause: describeError(value.cause, depth + 1) }),
  };
}

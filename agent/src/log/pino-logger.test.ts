import { describe, expect, it } from 'vitest';
import { createPinoLogger } from './pino-logger.ts';

describe('the log', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = createPinoLogger({
    ...{ level: 'info', server: 's1' },
    destination: { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const written = (write: () => void): Record<string, unknown>[] => {
    lines.length = 0;
    write();
    return lines;
  };

  it('writes one JSON line with time, level, event and fields', () => {
    expect(
      written(() => {
        logger.child({ component: 'replicator' }).info('replica.pushed', { count: 3 });
      }),
    ).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        server: 's1',
        component: 'replicator',
        count: 3,
        event: 'replica.pushed',
      },
    ]);
  });

  it('leaves out what is below its level', () => {
    expect(
      written(() => {
        logger.debug('http.answered');
      }),
    ).toEqual([]);
  });

  it('writes an error with its stack and its cause', () => {
    const error = new Error('outer', { cause: new Error('inner') });
    expect(
      written(() => {
        logger.error('x.failed', { error });
      }),
    ).toMatchObject([
      {
        level: 'error',
        error: {
          message: 'outer',
          stack: expect.stringContaining('pino-logger.test') as string,
          cause: { message: 'inner' },
        },
      },
    ]);
  });

  it('blots out keys', () => {
    const blotted = written(() => {
      logger.warn('x', { key: 'k1', headers: { authorization: 'k2' }, peer: { securityKey: 'k3', peerKey: 'k4' } });
      logger.warn('y', { token: 'k5', headers: { cookie: 'k6' } });
    });
    expect(blotted).toHaveLength(2);
    expect(JSON.stringify(blotted)).not.toMatch(/k[1-6]/);
  });
});

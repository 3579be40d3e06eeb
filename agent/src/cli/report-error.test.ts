import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { CliContext } from './cli-context.ts';
import type { Language } from './language.ts';
import { reportError } from './report-error.ts';

function told(error: unknown, language: Language = 'en', isJson = false) {
  const [out, err]: [string[], string[]] = [[], []];
  const context = {
    language,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  } satisfies Partial<CliContext>;
  const code = reportError(error, { context: context as unknown as CliContext, isJson });
  return { code, out, err };
}

const IN_USE = new FleetError('PORT_IN_USE', 'Cannot listen on 127.0.0.1:7401: EADDRINUSE.');

it('says what failed, where, and what to do about it, and ends with 2 for what the caller has to correct', () => {
  expect(told(IN_USE)).toEqual({
    code: 2,
    out: [],
    err: [
      'imagefleet: The port is in use by another program [PORT_IN_USE]',
      '  Cannot listen on 127.0.0.1:7401: EADDRINUSE.',
      expect.stringMatching(/^ {2}→ Another program listens there.*"listen" in the configuration/),
    ],
  });
  expect(told(IN_USE, 'zh').err.join('\n')).toMatch(/端口已被其他程序占用.*\n.*\n.*listen/);
});

it('hands machines the error on standard output', () => {
  const { code, out, err } = told(IN_USE, 'en', true);
  expect([code, err, JSON.parse(out.join(''))]).toMatchObject([2, [], { error: { code: 'PORT_IN_USE' } }]);
});

it('ends with 1 for what failed without the caller, and calls the unknown a defect', () => {
  expect(told(new FleetError('DISK_FULL', 'full')).code).toBe(1);
  const { code, err } = told(new Error('boom'));
  expect([code, err[0]]).toEqual([1, expect.stringContaining('[INTERNAL]')]);
});

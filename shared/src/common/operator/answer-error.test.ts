import { expect, it } from 'vitest';
import { errorOfAnswer } from './answer-error.ts';

it('takes over the error of an agent', () => {
  const body = { code: 'NOT_AN_IMAGE', message: 'text', hint: 'look' };
  expect(errorOfAnswer(415, body, 's1')).toMatchObject({ code: 'NOT_AN_IMAGE', message: 'text', hint: 'look' });
});

it.each([
  [413, 'FILE_TOO_LARGE', false],
  [429, 'RATE_LIMITED', true],
  [502, 'PEER_FAILED', true],
  [404, 'PEER_ANSWER_INVALID', true],
])('tells by the status what a program between answered: %i', (status, code, isRetryable) => {
  const error = errorOfAnswer(status, '<html>', 's1');
  expect([error.code, error.isRetryable]).toEqual([code, isRetryable]);
  expect(error.message).toContain(String(status));
});

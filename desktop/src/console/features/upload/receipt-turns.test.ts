import { expect, it } from 'vitest';
import { ReceiptTurns } from './receipt-turns.ts';

it('comes to everybody, whoever waits for ever', () => {
  const turns = new ReceiptTurns();
  const paths = ['a', 'b', 'c', 'd', 'e'];
  expect(turns.next(paths, 2)).toEqual(['a', 'b']);
  expect(turns.next(paths, 2)).toEqual(['c', 'd']);
  expect(turns.next(paths, 2)).toEqual(['e', 'a']);
});

it('asks for what came into sight before what was asked already', () => {
  const turns = new ReceiptTurns();
  turns.next(['a', 'b'], 2);
  expect(turns.next(['a', 'b', 'new'], 2)).toEqual(['new', 'a']);
  // Out of sight and back it is as new.
  turns.next(['b'], 1);
  expect(turns.next(['b', 'a'], 1)).toEqual(['a']);
});

import { expect, it } from 'vitest';
import { proofFileName } from './save-proof.ts';

it('names a proof after its cut-off, as every system takes it', () => {
  expect(proofFileName({ asOf: '2026-03-09T11:59:00.000Z' })).toBe('imagefleet-proof-20260309-115900.json');
});

import { expect, it } from 'vitest';
import { Handover } from './handover.ts';

it('keeps what comes for the one who takes it, and hands it over once', () => {
  const handover = new Handover<string>();
  const taken: string[] = [];
  handover.give('early');
  const leave = handover.receive((thing) => taken.push(`first ${thing}`));
  handover.give('now');
  leave();
  handover.give('between');
  handover.receive((thing) => taken.push(`second ${thing}`));
  // Late, and of somebody who is no longer the taker.
  leave();
  handover.give('last');
  expect(taken).toEqual(['first early', 'first now', 'second between', 'second last']);
});

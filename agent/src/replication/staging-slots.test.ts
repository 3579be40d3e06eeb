import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StagingSlots } from './staging-slots.ts';

describe('staging slots', () => {
  it('never exceed their limits, except for one piece alone, and let everybody in, first come first served', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sizes, async (pieces) => {
        const slots = new StagingSlots({ count: 3, bytes: 10 });
        const entered: number[] = [];
        let count = 0;
        let bytes = 0;
        await Promise.all(
          pieces.map(async (sizeBytes, index) => {
            const release = await slots.take(sizeBytes);
            entered.push(index);
            count += 1;
            bytes += sizeBytes;
            expect(count).toBeLessThanOrEqual(3);
            if (count > 1) expect(bytes).toBeLessThanOrEqual(10);
            await Promise.resolve();
            count -= 1;
            bytes -= sizeBytes;
            release();
            release();
          }),
        );
        expect(entered).toEqual(pieces.map((_, index) => index));
      }),
    );
  });
});

using System;

namespace Imagefleet
{
    /// <summary>
    /// Weights without floating-point logarithms, whose last digits differ between languages. The same in TypeScript:
    /// shared/src/common/resolver/weighted-cost.ts, which says why each number is what it is.
    /// </summary>
    internal static class WeightedCost
    {
        private const int FractionBits = 24;
        private const int TableBits = 10;
        private const int TableSteps = 1 << TableBits;
        private const int SquareBits = 25;
        private const int RestBits = 31 - TableBits;
        private const uint RestMask = (1u << RestBits) - 1;
        private const double WeightUnit = 1024;
        private const long MaxWeightUnits = (1L << 23) - 1;

        private static readonly long[] LogTable = MakeLogTable();

        /// <summary>A weight in units of 1/1024, from 1 to MaxWeightUnits.</summary>
        public static long WeightUnits(double weight)
        {
            double units = Math.Floor(weight * WeightUnit + 0.5);
            return units >= 1 ? (long)Math.Min(units, MaxWeightUnits) : 1;
        }

        /// <summary>-log2((score + 1) / 2^32) with FractionBits after the point.</summary>
        public static long CostOf(uint score)
        {
            if (score == uint.MaxValue)
            {
                return 0;
            }

            uint aligned = score + 1;
            int leadingZeros = 0;
            while ((aligned & 0x80000000) == 0)
            {
                aligned <<= 1;
                leadingZeros++;
            }

            int step = (int)(aligned >> RestBits) & (TableSteps - 1);
            long low = LogTable[step];
            long rest = aligned & RestMask;
            long fraction = low + (((LogTable[step + 1] - low) * rest) >> RestBits);
            return ((leadingZeros + 1L) << FractionBits) - fraction;
        }

        private static long[] MakeLogTable()
        {
            long[] table = new long[TableSteps + 1];
            for (int step = 0; step < TableSteps; step++)
            {
                long value = (long)(TableSteps + step) << (SquareBits - TableBits);
                long logarithm = 0;
                for (int bit = 0; bit < FractionBits; bit++)
                {
                    value = (value * value) >> SquareBits;
                    logarithm <<= 1;
                    if (value >= 1L << (SquareBits + 1))
                    {
                        value >>= 1;
                        logarithm++;
                    }
                }

                table[step] = logarithm;
            }

            table[TableSteps] = 1L << FractionBits;
            return table;
        }
    }
}

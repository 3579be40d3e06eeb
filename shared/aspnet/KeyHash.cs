using System.Text;

namespace Imagefleet
{
    /// <summary>
    /// The hashes of the rendezvous mode: 32-bit integers only, so that every language gets the same bits. The same in
    /// TypeScript: shared/src/common/resolver/key-hash.ts; shared/vectors/rendezvous.tsv holds both to it.
    /// </summary>
    internal static class KeyHash
    {
        /// <summary>FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/.</summary>
        public const uint FnvOffset = 0x811c9dc5;

        private const uint FnvPrime = 0x01000193;

        /// <summary>FNV-1a with a seed as its start, over the UTF-8 bytes of the text, then mixed.</summary>
        public static uint HashText(string text, uint seed)
        {
            uint hash = seed;
            foreach (byte unit in Encoding.UTF8.GetBytes(text))
            {
                hash = unchecked((hash ^ unit) * FnvPrime);
            }

            return Mix(hash);
        }

        /// <summary>The finaliser of MurmurHash3 (public domain, Austin Appleby).</summary>
        public static uint Mix(uint value)
        {
            unchecked
            {
                value = (value ^ (value >> 16)) * 0x85ebca6b;
                value = (value ^ (value >> 13)) * 0xc2b2ae35;
                return value ^ (value >> 16);
            }
        }
    }
}

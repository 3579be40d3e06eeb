using System;
using System.Collections.Generic;

namespace Imagefleet
{
    /// <summary>The choice of the old PartitionResolver, to the bit.</summary>
    public static class LegacyResolver
    {
        /// <summary>
        /// The index is the first four bytes of the decoded session id, as an int32, modulo the number of all servers;
        /// from there it walks on to the first that is online. Null when none is, or the id cannot be decoded.
        /// </summary>
        public static StateServer Resolve(string sessionId, IList<StateServer> servers)
        {
            int value;
            if (servers.Count == 0 || !TryReadInt32(sessionId, out value))
            {
                return null;
            }

            // The remainder has the sign of the value, and is smaller than the count: Abs cannot overflow here.
            int start = Math.Abs(value % servers.Count);
            for (int step = 0; step < servers.Count; step++)
            {
                StateServer server = servers[(start + step) % servers.Count];
                if (server.Online)
                {
                    return server;
                }
            }

            return null;
        }

        private static bool TryReadInt32(string sessionId, out int value)
        {
            value = 0;
            byte[] bytes;
            try
            {
                bytes = Convert.FromBase64String(sessionId);
            }
            catch (FormatException)
            {
                return false;
            }

            if (bytes.Length < 4)
            {
                return false;
            }

            value = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24);
            return true;
        }
    }
}

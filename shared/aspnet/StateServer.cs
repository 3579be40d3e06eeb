using System;
using System.Globalization;

namespace Imagefleet
{
    public enum ResolverMode
    {
        /// <summary>Even, and only the keys of a failed server move.</summary>
        Rendezvous,

        /// <summary>
        /// As the old PartitionResolver to the bit, for applications that must agree with ones that still have it. With
        /// 4, 8, 12 … servers every fourth gets no session, and a failed server's neighbour gets its whole load.
        /// </summary>
        Legacy
    }

    /// <summary>A server that keys can be spread over.</summary>
    public sealed class StateServer
    {
        private readonly string host;
        private readonly int port;
        private readonly bool online;
        private readonly double weight;

        public StateServer(string host, int port, bool online) : this(host, port, online, 1)
        {
        }

        /// <param name="weight">Its share of the keys in rendezvous mode, compared with the others'; above 0.</param>
        public StateServer(string host, int port, bool online, double weight)
        {
            this.host = host;
            this.port = port;
            this.online = online;
            this.weight = weight;
        }

        public string Host
        {
            get { return host; }
        }

        public int Port
        {
            get { return port; }
        }

        public bool Online
        {
            get { return online; }
        }

        public double Weight
        {
            get { return weight; }
        }

        /// <summary><c>host:port</c>; an IPv6 address stands in brackets.</summary>
        public string Address
        {
            get
            {
                bool isBareIpv6 = host.IndexOf(':') >= 0 && !host.StartsWith("[", StringComparison.Ordinal);
                return (isBareIpv6 ? "[" + host + "]" : host) + ":" + port.ToString(CultureInfo.InvariantCulture);
            }
        }
    }
}

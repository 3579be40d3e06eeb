using System;
using System.Collections.Generic;
using System.Configuration;
using System.Diagnostics;

namespace Imagefleet
{
    /// <summary>
    /// The servers of the status file, always the newest. ASP.NET drops its cached section when the file changes and
    /// reads it again at the next call; nothing here restarts the application. While the file cannot be read, the last
    /// content that could be read is answered.
    /// </summary>
    public static class StateServers
    {
        public const string SectionName = "SessionStateServers";

        private static readonly ServerSet Nobody = new ServerSet(null, new List<StateServer>());

        // Immutable, and replaced whole: requests on other threads see the old set or the new one.
        private static volatile ServerSet lastGood = Nobody;
        private static volatile string lastProblem;
        private static volatile Func<object> source = () => ConfigurationManager.GetSection(SectionName);

        /// <summary>
        /// Gives the section, the same object until the file has changed. ASP.NET's own configuration unless a program
        /// that runs outside of ASP.NET sets another.
        /// </summary>
        public static Func<object> Source
        {
            get { return source; }
            set { source = value; }
        }

        /// <summary>Why the last reading failed, or null. Also written to System.Diagnostics.Trace once.</summary>
        public static string Problem
        {
            get { return lastProblem; }
        }

        public static ServerSet Current()
        {
            try
            {
                ServerListSectionHandler section = source() as ServerListSectionHandler;
                if (section == null)
                {
                    return KeepLastGood("web.config has no section " + SectionName + " of ServerListSectionHandler.");
                }

                // ASP.NET answers the same object until the file changes.
                ServerSet current = lastGood;
                if (!ReferenceEquals(current.Section, section))
                {
                    current = new ServerSet(section, ReadServers(section));
                    lastGood = current;
                }

                lastProblem = null;
                return current;
            }
            catch (Exception error)
            {
                // Whatever is wrong with the file, requests go on with what was good.
                return KeepLastGood(error.Message);
            }
        }

        private static List<StateServer> ReadServers(ServerListSectionHandler section)
        {
            List<StateServer> servers = new List<StateServer>();
            foreach (ServerElement element in section.Servers)
            {
                servers.Add(new StateServer(element.Host, element.Port, element.Online));
            }

            return servers;
        }

        private static ServerSet KeepLastGood(string problem)
        {
            if (problem != lastProblem)
            {
                lastProblem = problem;
                Trace.TraceWarning("State servers: the last good list stays in use. " + problem);
            }

            return lastGood;
        }
    }

    /// <summary>One reading of the status file, prepared for many keys.</summary>
    public sealed class ServerSet
    {
        private const string Prefix = "tcpip=";

        private readonly object section;
        private readonly List<StateServer> servers;
        private readonly RendezvousResolver rendezvous;

        public ServerSet(object section, List<StateServer> servers)
        {
            this.section = section;
            this.servers = servers;
            rendezvous = new RendezvousResolver(servers);
        }

        /// <summary>What it was read from, to be compared by reference.</summary>
        public object Section
        {
            get { return section; }
        }

        /// <summary><c>tcpip=host:port</c>, or the bare <c>tcpip=</c> when nobody is online or the key is no key.</summary>
        public string Connection(string key, ResolverMode mode)
        {
            if (key == null)
            {
                return Prefix;
            }

            StateServer server = mode == ResolverMode.Legacy
                ? LegacyResolver.Resolve(key, servers)
                : rendezvous.First(key);
            return server == null ? Prefix : Prefix + server.Address;
        }
    }
}

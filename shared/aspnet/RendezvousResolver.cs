using System;
using System.Collections.Generic;

namespace Imagefleet
{
    /// <summary>
    /// Rendezvous hashing: each pair of key and server has a score, the highest wins, so that only the keys of a failed
    /// server move, evenly to all others. Safe on many threads. The same in TypeScript:
    /// shared/src/common/resolver/rendezvous.ts; shared/vectors/rendezvous.tsv holds both to it.
    /// </summary>
    public sealed class RendezvousResolver
    {
        private const uint SecondSeed = 0x9e3779b9;

        private readonly List<StateServer> servers;
        private readonly uint[] hashes;
        private readonly uint[] secondHashes;
        private readonly long[] weights;
        private readonly bool isWeighted;

        public RendezvousResolver(IEnumerable<StateServer> all)
        {
            servers = OnlineByName(all);
            hashes = new uint[servers.Count];
            secondHashes = new uint[servers.Count];
            weights = new long[servers.Count];
            for (int index = 0; index < servers.Count; index++)
            {
                string name = servers[index].Address;
                hashes[index] = KeyHash.HashText(name, KeyHash.FnvOffset);
                secondHashes[index] = KeyHash.HashText(name, SecondSeed);
                weights[index] = WeightedCost.WeightUnits(servers[index].Weight);
                isWeighted = isWeighted || weights[index] != weights[0];
            }
        }

        /// <summary>The key's own server, or null when nobody is online.</summary>
        public StateServer First(string key)
        {
            uint keyHash = KeyHash.HashText(key, KeyHash.FnvOffset);
            Candidate best = null;
            for (int index = 0; index < servers.Count; index++)
            {
                Candidate candidate = Score(keyHash, index);
                if (best == null || Compare(candidate, best) < 0)
                {
                    best = candidate;
                }
            }

            return best == null ? null : servers[best.Index];
        }

        /// <summary>Every online server: the key's own first, then those it moves on to when the ones before are down.</summary>
        public List<StateServer> Resolve(string key)
        {
            uint keyHash = KeyHash.HashText(key, KeyHash.FnvOffset);
            List<Candidate> candidates = new List<Candidate>();
            for (int index = 0; index < servers.Count; index++)
            {
                candidates.Add(Score(keyHash, index));
            }

            candidates.Sort(Compare);
            return candidates.ConvertAll(candidate => servers[candidate.Index]);
        }

        private Candidate Score(uint keyHash, int index)
        {
            uint score = KeyHash.Mix(KeyHash.Mix(keyHash ^ hashes[index]) ^ secondHashes[index]);
            return new Candidate { Index = index, Score = score, Cost = isWeighted ? WeightedCost.CostOf(score) : 0 };
        }

        private int Compare(Candidate left, Candidate right)
        {
            // cost / weight on both sides, multiplied out: products of integers are exact.
            long leftCost = left.Cost * weights[right.Index];
            long rightCost = right.Cost * weights[left.Index];
            if (leftCost != rightCost)
            {
                return leftCost < rightCost ? -1 : 1;
            }

            return left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Index.CompareTo(right.Index);
        }

        /// <summary>Sorted by host:port, code unit by code unit. An address counts once.</summary>
        private static List<StateServer> OnlineByName(IEnumerable<StateServer> all)
        {
            List<StateServer> sorted = new List<StateServer>();
            foreach (StateServer server in all)
            {
                if (server.Online)
                {
                    sorted.Add(server);
                }
            }

            sorted.Sort(CompareServers);
            for (int index = sorted.Count - 1; index > 0; index--)
            {
                if (sorted[index].Address == sorted[index - 1].Address)
                {
                    sorted.RemoveAt(index);
                }
            }

            return sorted;
        }

        private static int CompareServers(StateServer left, StateServer right)
        {
            int byName = string.CompareOrdinal(left.Address, right.Address);
            return byName != 0 ? byName : right.Weight.CompareTo(left.Weight);
        }

        private sealed class Candidate
        {
            public int Index;
            public uint Score;
            public long Cost;
        }
    }
}

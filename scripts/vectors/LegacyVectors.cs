using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

/// <summary>
/// The old resolver, written from its description alone, so that it can be held against ours. Reads ids, one escaped
/// text a line; prints a line for each number of servers up to 8 and each set of them that is online: the number, a 1 or
/// 0 for each server in the order of the file, and for each id the index that is answered, or - for the bare prefix.
/// </summary>
internal static class LegacyVectors
{
    private const int MaxServers = 8;

    private static void Main()
    {
        List<string> ids = new List<string>();
        for (string line = Console.ReadLine(); line != null; line = Console.ReadLine())
        {
            ids.Add(Regex.Unescape(line));
        }

        for (int count = 0; count <= MaxServers; count++)
        {
            for (int mask = 0; mask < 1 << count; mask++)
            {
                bool[] online = new bool[count];
                for (int server = 0; server < count; server++)
                {
                    online[server] = (mask >> server & 1) == 1;
                }

                StringBuilder answers = new StringBuilder();
                foreach (string id in ids)
                {
                    answers.Append(Answer(id, online));
                }

                string state = string.Concat(Array.ConvertAll(online, isOnline => isOnline ? "1" : "0"));
                Console.Write("servers\t{0}\t{1}\t{2}\n", count, state == "" ? "-" : state, answers);
            }
        }
    }

    /// <summary>As the description has it; whatever goes wrong is the bare prefix.</summary>
    private static string Answer(string id, bool[] online)
    {
        try
        {
            if (online.Length == 0)
            {
                return "-";
            }

            int partition = Math.Abs(BitConverter.ToInt32(Convert.FromBase64String(id), 0) % online.Length);
            for (int tried = 0; tried < online.Length; tried++)
            {
                if (online[partition])
                {
                    return partition.ToString(CultureInfo.InvariantCulture);
                }

                partition = partition + 1 == online.Length ? 0 : partition + 1;
            }

            return "-";
        }
        catch (Exception)
        {
            return "-";
        }
    }
}

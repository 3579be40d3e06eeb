using System;
using System.Configuration;
using System.Web;
using Imagefleet;

/// <summary>
/// Tells ASP.NET which state server keeps a session. Named in web.config:
/// <c>sessionState mode="StateServer" partitionResolverType="PartitionResolver"</c>. It stands in no namespace because
/// the web.config of existing applications names it like that.
/// </summary>
public sealed class PartitionResolver : IPartitionResolver
{
    /// <summary>The appSetting that chooses the mode: "rendezvous" (when it is missing) or "legacy".</summary>
    public const string ModeSetting = "PartitionResolverMode";

    /// <summary>Read from web.config by Initialize; programs of your own may set it.</summary>
    public ResolverMode Mode { get; set; }

    /// <summary>Called by ASP.NET before the first session.</summary>
    /// <exception cref="ConfigurationErrorsException">The mode is neither of the two.</exception>
    public void Initialize()
    {
        string mode = ConfigurationManager.AppSettings[ModeSetting];
        if (string.IsNullOrEmpty(mode) || string.Equals(mode, "rendezvous", StringComparison.OrdinalIgnoreCase))
        {
            Mode = ResolverMode.Rendezvous;
        }
        else if (string.Equals(mode, "legacy", StringComparison.OrdinalIgnoreCase))
        {
            Mode = ResolverMode.Legacy;
        }
        else
        {
            throw new ConfigurationErrorsException(
                "appSettings: " + ModeSetting + " is \"" + mode + "\"; it must be \"rendezvous\" or \"legacy\".");
        }
    }

    /// <summary>
    /// The state server of a session id, as <c>tcpip=host:port</c>; the bare <c>tcpip=</c> when there is none, at which
    /// ASP.NET throws. Never throws itself.
    /// </summary>
    public string ResolvePartition(object key)
    {
        return StateServers.Current().Connection(key as string, Mode);
    }
}

using System.Configuration;

/// <summary>
/// The section of a status file: <c>SessionStateServers</c> with <c>Servers</c> of <c>add Host Port Online</c>. It stands
/// in no namespace because the web.config of existing applications names it like that.
/// </summary>
public sealed class ServerListSectionHandler : ConfigurationSection
{
    [ConfigurationProperty("Servers", IsRequired = true)]
    [ConfigurationCollection(typeof(ServerElementCollection))]
    public ServerElementCollection Servers
    {
        get { return (ServerElementCollection)this["Servers"]; }
    }
}

/// <summary>The servers in the order of the file, which the legacy mode counts by.</summary>
public sealed class ServerElementCollection : ConfigurationElementCollection
{
    protected override ConfigurationElement CreateNewElement()
    {
        return new ServerElement();
    }

    /// <summary>Host and port: with the host alone, as once, two state servers on one machine would break the file.</summary>
    protected override object GetElementKey(ConfigurationElement element)
    {
        ServerElement server = (ServerElement)element;
        return server.Host + ":" + server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>One server. An attribute beyond these three makes ASP.NET refuse the file.</summary>
public sealed class ServerElement : ConfigurationElement
{
    [ConfigurationProperty("Host", IsRequired = true)]
    public string Host
    {
        get { return (string)this["Host"]; }
    }

    [ConfigurationProperty("Port", IsRequired = true)]
    public int Port
    {
        get { return (int)this["Port"]; }
    }

    [ConfigurationProperty("Online", IsRequired = true)]
    public bool Online
    {
        get { return (bool)this["Online"]; }
    }
}

using System.Runtime.CompilerServices;

namespace KneeSeg.Cli.Tests;

/// <summary>
/// What programs find that tests start: a cache that is not the user's, one thread each, since tests run side by side, and
/// no second compilation of what is called often, which does not pay in a few seconds.
/// </summary>
internal static class Surroundings
{
    [ModuleInitializer]
    internal static void Set()
    {
        var folder = Directory.CreateTempSubdirectory("kneeseg-cache-").FullName;
        Environment.SetEnvironmentVariable("KNEESEG_CACHE", folder);
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        Environment.SetEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "FFFFFF");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}

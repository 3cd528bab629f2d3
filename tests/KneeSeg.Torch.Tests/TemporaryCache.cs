using System.Runtime.CompilerServices;

namespace KneeSeg.Torch.Tests;

/// <summary>Keeps prepared cases of tests, and of programs that they start, out of the user's own cache.</summary>
internal static class TemporaryCache
{
    [ModuleInitializer]
    internal static void Set()
    {
        var folder = Directory.CreateTempSubdirectory("kneeseg-cache-").FullName;
        Environment.SetEnvironmentVariable("KNEESEG_CACHE", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}

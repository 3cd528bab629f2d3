using System.Diagnostics;
using System.Globalization;

namespace KneeSeg.Cli.Tests;

/// <summary>Processes that must end by themselves.</summary>
internal static class Gone
{
    /// <summary>Asserts that a process ends, or has.</summary>
    public static void Await(string? id)
    {
        try
        {
            using var process = Process.GetProcessById(
                int.Parse(id!, CultureInfo.InvariantCulture)
            );
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)), $"{id} still runs");
        }
        catch (ArgumentException)
        {
            // There is none of that number any more.
        }
    }
}

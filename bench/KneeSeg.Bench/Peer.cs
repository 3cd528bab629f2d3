using System.Diagnostics;

namespace KneeSeg.Bench;

/// <summary>
/// A program in a process of its own, started once: it says <c>ready</c>, then for each line that it is sent it does its
/// work and answers with a line.
/// </summary>
internal sealed class Peer : IDisposable
{
    private readonly Process process;

    private Peer(string program, IEnumerable<string> words, string remedy)
    {
        process = Process.Start(
            new ProcessStartInfo(program, words)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        if (process.StandardOutput.ReadLine() != "ready")
            throw new ProblemException(
                ExitCode.Resources,
                $"{program} {string.Join(' ', words)}",
                "the peer does not start",
                remedy
            );
    }

    /// <summary>A script of <c>bench/peers</c>, with the packages of the system's own Python.</summary>
    /// <exception cref="ProblemException">Python or one of its packages is missing (exit 6).</exception>
    public static Peer Python(string script, params string[] words) =>
        new(
            "/usr/bin/python3",
            [Path.Combine(Root(), "bench", "peers", script), .. words],
            "Install what it imports, such as python3-nibabel and python3-scipy of Debian"
        );

    /// <summary>An F# script of <c>bench/peers</c>, which fetches its own packages.</summary>
    /// <exception cref="ProblemException">It does not start (exit 6).</exception>
    public static Peer Script(string script, params string[] words) =>
        new(
            "dotnet",
            ["fsi", "--quiet", Path.Combine(Root(), "bench", "peers", script), .. words],
            "Read the message above; its packages come from the source that NuGet is configured with"
        );

    /// <summary>This program itself, with other words.</summary>
    public static Peer Own(params string[] words) =>
        new(Environment.ProcessPath!, words, "Look at what it says above");

    /// <summary>The other end: says that it is ready, and works as often as it is asked.</summary>
    public static void Serve(Action work)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            work();
            Console.WriteLine("done");
        }
    }

    /// <summary>Does the peer's work once.</summary>
    public void Work()
    {
        process.StandardInput.WriteLine("go");
        process.StandardInput.Flush();
        _ = process.StandardOutput.ReadLine();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "KneeSeg.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}

using System.Diagnostics;

namespace KneeSeg.Bench;

/// <summary>
/// A script of <c>bench/peers</c> in a process of its own, started once: it says <c>ready</c>, then for each line that
/// it is sent it does its work and answers with a line.
/// </summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process process;

    /// <summary>Starts a script and waits until it is ready.</summary>
    /// <param name="script">Its name in <c>bench/peers</c>.</param>
    /// <param name="words">Its arguments.</param>
    /// <exception cref="ProblemException">Python or one of its packages is missing (exit 6).</exception>
    public PythonPeer(string script, params string[] words)
    {
        var path = Path.Combine(Root(), "bench", "peers", script);
        process = Process.Start(
            new ProcessStartInfo("/usr/bin/python3", [path, .. words])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        if (process.StandardOutput.ReadLine() != "ready")
            throw new ProblemException(
                ExitCode.Resources,
                script,
                "the peer does not start",
                "Install what it imports, such as python3-nibabel and python3-scipy of Debian"
            );
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

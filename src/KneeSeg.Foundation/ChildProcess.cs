using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace KneeSeg;

/// <summary>
/// A child process with no input. It and its descendants end with this process, however that ends: they form a process
/// group with a guard that kills the group when this process's end of a pipe closes.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    // The guard works even if the program loops, blocks or ignores signals.
    private const string Guarded =
        "exec 3<&0; (read -r _ <&3; kill -s KILL 0) >/dev/null 2>&1 & exec \"$@\" </dev/null 3<&-";

    private const int Terminated = 15;
    private const int Killed = 9;

    private readonly Process process;
    private bool ended;

    private ChildProcess(Process process) => this.process = process;

    /// <summary>Its stdout.</summary>
    public StreamReader Output => process.StandardOutput;

    /// <summary>Its stderr.</summary>
    public StreamReader Errors => process.StandardError;

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its name on the PATH, or its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set besides this process's own.</param>
    /// <returns>The process, or null if the program is not found.</returns>
    public static ChildProcess? Start(
        string program,
        IEnumerable<string> arguments,
        params IEnumerable<KeyValuePair<string, string>> environment
    )
    {
        if (!Exists(program))
            return null;
        ProcessStartInfo start = new(
            "/usr/bin/setsid",
            ["/bin/sh", "-c", Guarded, "sh", program, .. arguments]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>Waits until it exits, then kills any descendants still running.</summary>
    /// <returns>Its exit code; 128 plus the signal's number if a signal ended it.</returns>
    public int WaitForExit()
    {
        process.WaitForExit();
        End();
        return process.ExitCode;
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate()
    {
        if (!process.HasExited)
            Signal(process.Id, Terminated);
    }

    /// <summary>Kills it and its descendants.</summary>
    public void Dispose()
    {
        End();
        process.Dispose();
    }

    // Once only: after the guard has gone, the system may reuse the group's id.
    private void End()
    {
        if (!ended)
            Signal(-process.Id, Killed);
        ended = true;
    }

    private static bool Exists(string program) =>
        program.Contains('/', StringComparison.Ordinal)
            ? File.Exists(program)
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, program)));

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace KneeSeg;

/// <summary>
/// Another program that this one runs, with no input. On Linux, it and whatever it starts end with this process, however
/// that ends: they are a group of their own, with a guard that kills the group when this process's end of a pipe closes.
/// Elsewhere they are killed when this is disposed.
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
            OperatingSystem.IsLinux() ? "/usr/bin/setsid" : program,
            OperatingSystem.IsLinux()
                ? ["/bin/sh", "-c", Guarded, "sh", program, .. arguments]
                : arguments
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
        var process = Process.Start(start)!;
        if (!OperatingSystem.IsLinux())
            process.StandardInput.Close();
        return new(process);
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
        if (process.HasExited)
            return;
        if (OperatingSystem.IsLinux())
            Signal(process.Id, Terminated);
        else
            process.Kill(entireProcessTree: true);
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
        if (ended)
            return;
        if (OperatingSystem.IsLinux())
            Signal(-process.Id, Killed);
        else if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        ended = true;
    }

    private static bool Exists(string program) =>
        Path.GetFileName(program) != program
            ? File.Exists(program)
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator)
                .Select(folder => Path.Combine(folder, program))
                .Any(path => File.Exists(OperatingSystem.IsWindows() ? $"{path}.exe" : path));

    [SupportedOSPlatform("linux")]
    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}

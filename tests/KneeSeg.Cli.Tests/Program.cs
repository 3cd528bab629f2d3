using System.Diagnostics;

namespace KneeSeg.Cli.Tests;

/// <summary>What a command printed, and what it ended with.</summary>
internal sealed record Answer(int Exit, string Output, string Error)
{
    /// <summary>Asserts one readable block and this exit code.</summary>
    public void IsProblem(ExitCode exit, params string[] says)
    {
        Assert.True((int)exit == Exit, $"exit {Exit}, not {(int)exit}: {Error}{Output}");
        Assert.Single(
            Error.Split('\n'),
            line => line.StartsWith("error: ", StringComparison.Ordinal)
        );
        Assert.Contains("  where  ", Error);
        Assert.Contains("  do     ", Error);
        Assert.DoesNotContain("   at ", Error);
        foreach (var words in says)
            Assert.Contains(words, Error);
    }

    /// <summary>Asserts that all went well.</summary>
    public Answer IsDone()
    {
        Assert.True(Exit == 0, $"exit {Exit}: {Error}{Output}");
        return this;
    }
}

/// <summary>The program as a user starts it.</summary>
internal static class Kneeseg
{
    public static Answer Run(params string[] words) => AwaitEnd(Start(words));

    /// <summary>Reads what a program says until it ends.</summary>
    public static Answer AwaitEnd(Process started)
    {
        using var process = started;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Answer(process.ExitCode, output, error.Result);
    }

    public static Process Start(params string[] words) => Launch([Program, .. words]);

    /// <summary>Starts it in the place of a shell, as batch systems do.</summary>
    /// <param name="shell">What the shell does before.</param>
    /// <param name="words">The command.</param>
    public static Process StartAfter(string shell, params string[] words) =>
        Launch(["bash", "-c", $"{shell}\nexec \"$0\" \"$@\"", Program, .. words]);

    /// <summary>The program: as users start it, compiled ahead, if <c>./test</c> says where; else as it was just built.</summary>
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("KNEESEG_PROGRAM")
        ?? Path.Combine(AppContext.BaseDirectory, "kneeseg");

    /// <summary>
    /// Starts any program with signals as a terminal's programs have them: the tests may run under nohup or in the
    /// background, where they are ignored.
    /// </summary>
    /// <param name="words">Options and variables of <c>env</c>, and the command.</param>
    public static Process Launch(string[] words) =>
        Process.Start(
            new ProcessStartInfo("env", ["--default-signal=HUP,INT", .. words])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;

    /// <summary>Reads what a training says until the line of an epoch that has ended, or until it says no more.</summary>
    public static void AwaitEpoch(Process training)
    {
        while (
            training.StandardError.ReadLine()?.StartsWith("epoch", StringComparison.Ordinal)
            == false
        )
            continue;
    }
}

using System.Diagnostics;
using KneeSeg.Dsl;

namespace KneeSeg.Cli.Tests;

/// <summary>An F# session with the language referenced, which reads from its stdin.</summary>
internal static class FSharpSession
{
    /// <summary>Runs it to the end of its input.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="options">More options of <c>dotnet fsi</c>.</param>
    /// <returns>Its stdout and stderr.</returns>
    public static (string Output, string Errors) Run(
        string folder,
        string input,
        params string[] options
    )
    {
        var session = new ProcessStartInfo(
            "dotnet",
            [
                "fsi",
                "--quiet",
                "--nologo",
                "--readline-",
                "--consolecolors-",
                $"-r:{typeof(Networks).Assembly.Location}",
                .. options,
            ]
        )
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_CLI_UI_LANGUAGE"] = "en" },
        };
        using var process = Process.Start(session)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return (output.Result, errors.Result);
    }
}

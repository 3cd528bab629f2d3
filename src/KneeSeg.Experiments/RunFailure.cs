using System.Text.Json;

namespace KneeSeg.Experiments;

/// <summary>Why a run failed: <c>failure.json</c> in its folder, until it is retried.</summary>
/// <param name="Exit">The kind of problem.</param>
/// <param name="Where">Its place.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Fix">What to do.</param>
public sealed record RunFailure(ExitCode Exit, string Where, string What, string Fix)
{
    /// <summary>Of a problem.</summary>
    public static RunFailure Of(ProblemException e) => new(e.Exit, e.Where, e.What, e.Fix);

    /// <summary>A run's, or null.</summary>
    public static RunFailure? Read(string run)
    {
        try
        {
            return File.Exists(FileOf(run))
                ? JsonSerializer.Deserialize<RunFailure>(
                    File.ReadAllText(FileOf(run)),
                    JsonStyle.Indented
                )
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it into a run's folder.</summary>
    /// <exception cref="ProblemException">The folder cannot be written (exit 6).</exception>
    public void Write(string run) =>
        AtomicFile.WriteText(FileOf(run), JsonSerializer.Serialize(this, JsonStyle.Indented));

    /// <summary>Deletes a run's, since it is retried.</summary>
    public static void Forget(string run)
    {
        if (File.Exists(FileOf(run)))
            File.Delete(FileOf(run));
    }

    private static string FileOf(string run) => Path.Combine(run, "failure.json");
}

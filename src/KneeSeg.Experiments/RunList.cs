using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Evaluation;
using KneeSeg.Runs;

namespace KneeSeg.Experiments;

/// <summary>A run in a list, read from its folder without opening a checkpoint.</summary>
/// <param name="Name">Its folder, relative to the one that was searched.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Data">The dataset's name.</param>
/// <param name="State">finished, running, stopped, failed or imported; of a task of a cluster also pending or preempted.</param>
/// <param name="Epoch">Finished epochs.</param>
/// <param name="Epochs">Epochs in total.</param>
/// <param name="Loss">The smallest mean training loss of an epoch.</param>
/// <param name="ValLoss">The smallest validation loss of an epoch.</param>
/// <param name="Dice">On the test cases, or else the best on validation; null if neither is known.</param>
/// <param name="Seconds">The duration of its epochs.</param>
public sealed record RunList(
    string Name,
    string Network,
    string Data,
    string State,
    int Epoch,
    int Epochs,
    double? Loss,
    double? ValLoss,
    double? Dice,
    double Seconds
)
{
    /// <summary>Why it failed, or why a cluster lets it wait; null if neither.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The node of a cluster on which it runs; null if it does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Node { get; init; }

    /// <summary>The time left before its time limit on a cluster, as Slurm writes it; null if it does not run there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TimeLeft { get; init; }

    /// <summary>Missed structures of the test cases; null if not evaluated.</summary>
    public int? Missed { get; init; }

    /// <summary>Misplaced structures of the test cases; null if not evaluated.</summary>
    public int? Misplaced { get; init; }

    /// <summary>The mean error of the thickness of cartilage plates (ThCtAB) in mm; null if not evaluated.</summary>
    public double? ThicknessError { get; init; }

    /// <summary>The mean error of their denuded area in mm²; null if not evaluated.</summary>
    public double? DenudedError { get; init; }

    /// <summary>Whether it tells a change over time; null unless test cases are visits of knees.</summary>
    public ChangeResponse? Response { get; init; }

    /// <summary>Every run folder in a folder or below it, by name. Run folders themselves are not searched.</summary>
    /// <exception cref="ProblemException">There is no such folder (exit 3).</exception>
    public static IReadOnlyList<RunList> Find(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ProblemException(
                ExitCode.Data,
                folder,
                "folder not found",
                "Give a folder that contains runs"
            );
        return
        [
            .. Below(folder)
                .Select(run => Of(folder, run))
                .OfType<RunList>()
                .OrderBy(run => run.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>A list sorted by a column, best first.</summary>
    /// <param name="runs">The list.</param>
    /// <param name="column">name, dice, thickness, denuded, srm, loss, val-loss, time, network or state.</param>
    /// <exception cref="ProblemException">There is no such column (exit 2).</exception>
    public static IReadOnlyList<RunList> Sort(IEnumerable<RunList> runs, string column) =>
        column switch
        {
            "name" => [.. runs.OrderBy(run => run.Name, StringComparer.Ordinal)],
            "network" => [.. runs.OrderBy(run => run.Network, StringComparer.Ordinal)],
            "state" => [.. runs.OrderBy(run => run.State, StringComparer.Ordinal)],
            "dice" => [.. runs.OrderByDescending(run => run.Dice ?? -1)],
            "thickness" => [.. runs.OrderBy(run => run.ThicknessError ?? double.MaxValue)],
            "denuded" => [.. runs.OrderBy(run => run.DenudedError ?? double.MaxValue)],
            "srm" => [.. runs.OrderByDescending(run => run.Response?.Strength ?? double.MinValue)],
            "loss" => [.. runs.OrderBy(run => run.Loss ?? double.MaxValue)],
            "val-loss" => [.. runs.OrderBy(run => run.ValLoss ?? double.MaxValue)],
            "time" => [.. runs.OrderBy(run => run.Seconds)],
            _ => throw new ProblemException(
                ExitCode.Usage,
                $"--sort {column}",
                "no such column",
                "Use name, network, state, dice, thickness, denuded, srm, loss, val-loss or time"
            ),
        };

    /// <summary>Whether a text is in its name, network, data or state.</summary>
    public bool Has(string text) =>
        new[] { Name, Network, Data, State }.Any(word =>
            word.Contains(text, StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>A list as JSON.</summary>
    public static string ToJson(IEnumerable<RunList> runs) =>
        JsonSerializer.Serialize(runs, JsonStyle.Indented);

    private static IEnumerable<string> Below(string folder)
    {
        if (RunFolder.Exists(folder))
            return [folder];
        return Directory
            .EnumerateDirectories(folder)
            .SelectMany(one =>
                RunFailure.Read(one) is not null && !RunFolder.Exists(one) ? [one] : Below(one)
            );
    }

    private static RunList? Of(string folder, string place)
    {
        var run = RunFolder.At(place);
        var name = Path.GetRelativePath(folder, place);
        var failure = RunFailure.Read(place);
        if (!File.Exists(run.RunFile))
            return new(name, "", "", "failed", 0, 0, null, null, null, 0)
            {
                Reason = failure?.What,
            };
        var described = run.Describe();
        var log = RunLog.Read(run.LogFile);
        var figures = RunSummary.Of(log);
        var measured = Measured(place);
        var state =
            failure is not null ? "failed"
            : log is [.., var last] && last.Step >= described.Recipe.Steps ? "finished"
            : RunLock.IsHeld(place) ? "running"
            : described.From is not "" && !File.Exists(run.StartFile) ? "imported"
            : "stopped";
        return new(
            name,
            described.Network,
            described.Data,
            state,
            log.Count,
            described.Recipe.Epochs,
            figures.Loss,
            figures.ValLoss,
            measured?.MeanDice
                ?? log.LastOrDefault()?.BestValidation?.Mean
                ?? log.Max(epoch => epoch.Validation?.Mean),
            figures.Seconds
        )
        {
            Reason = failure?.What,
            Missed = measured?.Missed,
            Misplaced = measured?.Misplaced,
            ThicknessError = measured?.MeanThicknessError,
            DenudedError = measured?.MeanDenudedError,
            Response = measured?.Response,
        };
    }

    private static Figures? Measured(string run)
    {
        var path = Path.Combine(run, EvaluationJob.FileName);
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize<Figures>(
                    File.ReadAllText(path),
                    JsonSerializerOptions.Web
                )
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A few numbers of a large file.
    private sealed record Figures(
        double? MeanDice,
        int? Missed,
        int? Misplaced,
        double? MeanThicknessError,
        double? MeanDenudedError,
        ChangeResponse? Response
    );
}

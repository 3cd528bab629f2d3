using System.Text.Json.Serialization;

namespace KneeSeg.Reports.Sweeps;

/// <summary>A row of a sweep: one network, trained with several seeds.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Hash">Identifies the architecture.</param>
/// <param name="Patch">Its input, DxHxW.</param>
/// <param name="Parameters">Trainable parameters.</param>
/// <param name="Macs">Multiply-accumulates of one patch.</param>
/// <param name="Memory">Peak memory of a training step, in bytes.</param>
/// <param name="Steps">Optimizer steps of a run.</param>
/// <param name="Batch">Batch size.</param>
/// <param name="Runs">Its repeats; rows share identical runs.</param>
public sealed record SweepRow(
    string Name,
    string Network,
    string Hash,
    string Patch,
    long Parameters,
    long Macs,
    long Memory,
    long Steps,
    int Batch,
    IReadOnlyList<SweepRun> Runs
)
{
    /// <summary>The name of its recipe, where recipes are crossed with networks; else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Recipe { get; init; }
}

/// <summary>A repeat of a row.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Seed">Its random seed.</param>
public sealed record SweepRun(string Name, long Seed);

/// <summary>What a search by successive halving made of a row.</summary>
/// <param name="Row">The row's name.</param>
/// <param name="Rung">The last rung that it was trained to, from 1; 0 for none.</param>
/// <param name="Epochs">Of its runs so far.</param>
/// <param name="Dice">The validation Dice there, the mean over its repeats; null without any.</param>
/// <param name="Dropped">When and why it was dropped; empty for a row that is left.</param>
public sealed record SearchedRow(string Row, int Rung, int Epochs, double? Dice, string Dropped);

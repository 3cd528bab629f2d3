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
);

/// <summary>A repeat of a row.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Seed">Its random seed.</param>
public sealed record SweepRun(string Name, long Seed);

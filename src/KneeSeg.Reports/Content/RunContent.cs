using KneeSeg.Data.Validation;
using KneeSeg.Evaluation;
using KneeSeg.Rendering;
using KneeSeg.Reports.Viewer;
using KneeSeg.Runs;

namespace KneeSeg.Reports.Content;

/// <summary>What a report shows: one run and its evaluation.</summary>
/// <param name="Title">Network and dataset, such as "small-unet3d on knees".</param>
/// <param name="Network">The network.</param>
/// <param name="Data">The dataset in one sentence, without a full stop.</param>
/// <param name="Trained">When training ended; null when unknown.</param>
/// <param name="Labels">Names in label order, background first.</param>
/// <param name="Epochs">The training log; may be empty.</param>
/// <param name="Evaluation">The evaluation; null if there is none.</param>
/// <param name="Pictures">Cases to show; those in <paramref name="Evaluation"/> are ordered from worst to best.</param>
/// <param name="Run">The run's <c>run.json</c>: spec, recipe, data fingerprint, versions, seed.</param>
public sealed record RunContent(
    string Title,
    NetworkFacts Network,
    string Data,
    DateTimeOffset? Trained,
    IReadOnlyList<string> Labels,
    IReadOnlyList<EpochRecord> Epochs,
    EvaluationSummary? Evaluation,
    IReadOnlyList<CasePicture> Pictures,
    string Run
)
{
    /// <summary>Whether only the median case gets an animation and a rendering, and not the worst and the best: for sweeps.</summary>
    public bool IsBrief { get; init; }

    /// <summary>Cases with quality flags, the worst first.</summary>
    public IReadOnlyList<FlaggedCase> Flagged { get; init; } = [];

    /// <summary>The viewer, to show cases in the page; null to leave it out.</summary>
    public ViewerProgram? Viewer { get; init; }

    /// <summary>The animation of the training, a GIF; null if there is none.</summary>
    public byte[]? Progress { get; init; }
}

/// <summary>A case that a report can show. Its volumes are loaded only while it is drawn.</summary>
/// <param name="Id">The case, as the evaluation names it.</param>
/// <param name="Load">Reads its volumes.</param>
public sealed record CasePicture(string Id, Func<CaseVolumes> Load);

/// <summary>A whole case: an animation of its slices, and a 3D rendering of reference and prediction.</summary>
/// <param name="Stem">Prefix of the file names.</param>
/// <param name="Slices">An animated GIF, of <see cref="SliceAnimation"/>.</param>
/// <param name="Voxels">A PNG, of <see cref="VolumeRendering"/>.</param>
internal sealed record CaseViews(string Stem, byte[] Slices, byte[] Voxels)
{
    /// <summary>The case packed for the viewer; null to leave it out.</summary>
    public string? Packed { get; init; }

    /// <summary>The animation's file, next to the page.</summary>
    public string SlicesFile => $"{Stem}-slices.gif";

    /// <summary>The rendering's file, next to the page.</summary>
    public string VoxelsFile => $"{Stem}-voxels.png";

    /// <summary>Draws a case.</summary>
    /// <param name="stem">Prefix of the file names.</param>
    /// <param name="volumes">The case.</param>
    /// <param name="labels">Number of labels, including background.</param>
    public static CaseViews Of(string stem, CaseVolumes volumes, int labels) =>
        new(
            stem,
            SliceAnimation.Draw(volumes, labels),
            Png.Encode(VolumeRendering.Draw(volumes.Reference, volumes.Prediction))
        );
}

using KneeSeg.Rendering;

namespace KneeSeg.Reports;

/// <summary>What shows a whole case at once: a flight through its slices, and truth and prediction as bodies.</summary>
/// <param name="Stem">What their files' names begin with.</param>
/// <param name="Slices">An animated GIF, of <see cref="SliceAnimation"/>.</param>
/// <param name="Voxels">A PNG, of <see cref="VolumeRendering"/>.</param>
internal sealed record CaseViews(string Stem, byte[] Slices, byte[] Voxels)
{
    /// <summary>The animation's file, beside the page.</summary>
    public string SlicesFile => $"{Stem}-slices.gif";

    /// <summary>The bodies' file, beside the page.</summary>
    public string VoxelsFile => $"{Stem}-voxels.png";

    /// <summary>Draws a case.</summary>
    /// <param name="stem">What their files' names begin with.</param>
    /// <param name="volumes">The case.</param>
    /// <param name="labels">How many labels there are, background included.</param>
    public static CaseViews Of(string stem, CaseVolumes volumes, int labels) =>
        new(
            stem,
            SliceAnimation.Draw(volumes, labels),
            Png.Encode(VolumeRendering.Draw(volumes.Reference, volumes.Prediction))
        );
}

using KneeSeg.Rendering;

namespace KneeSeg.Reports.Content;

/// <summary>A whole case: an animation of its slices, and a 3D rendering of reference and prediction.</summary>
/// <param name="Stem">Prefix of the file names.</param>
/// <param name="Slices">An animated GIF, of <see cref="SliceAnimation"/>.</param>
/// <param name="Voxels">A PNG, of <see cref="VolumeRendering"/>.</param>
internal sealed record CaseViews(string Stem, byte[] Slices, byte[] Voxels)
{
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

namespace KneeSeg.Imaging.Formats;

/// <summary>An open volume file: its header, and its voxels, which can be read once.</summary>
internal abstract class StoredVolume : IDisposable
{
    /// <summary>The file, named in errors.</summary>
    public required string Path { get; init; }

    /// <summary>The format's name, as <c>info</c> gives it.</summary>
    public required string Format { get; init; }

    /// <summary>Where the voxels are.</summary>
    public required Grid Grid { get; init; }

    /// <summary>Which volume of the file it is.</summary>
    public VolumeChoice Volume { get; init; } = new(0, 1);

    /// <summary>The stored data type, by numpy's name.</summary>
    public required string DataType { get; init; }

    /// <summary>Warnings, one sentence each; reading the voxels may add some.</summary>
    public required List<string> Warnings { get; init; }

    /// <summary>Reads the voxels as an image.</summary>
    public abstract Volume<float> ReadImage();

    /// <summary>Reads the voxels as labels, exactly.</summary>
    /// <param name="overlaps">How overlapping channels are resolved, in formats that have them.</param>
    public abstract Volume<byte> ReadLabels(OverlapRule overlaps = OverlapRule.Lowest);

    /// <summary>Reads the voxels as labels, mapped by name if the file names its segments.</summary>
    /// <param name="overlaps">How overlapping channels are resolved, in formats that have them.</param>
    /// <param name="names">The names by label; null if unknown.</param>
    public virtual Volume<byte> ReadLabels(OverlapRule overlaps, IReadOnlyList<string>? names) =>
        ReadLabels(overlaps);

    /// <summary>Its named segments; most formats have none.</summary>
    public virtual IReadOnlyList<Segment> Segments => [];

    /// <summary>Whether the spacing is known.</summary>
    public bool IsSpacingKnown { get; init; } = true;

    /// <summary>Refuses a file of unknown spacing.</summary>
    /// <exception cref="ProblemException">The spacing is unknown (exit 3).</exception>
    public virtual void CheckSpacing() { }

    /// <inheritdoc />
    public abstract void Dispose();
}

/// <summary>A segment that a label file names, as those of 3D Slicer do.</summary>
/// <param name="Name">Its display name.</param>
/// <param name="Value">Its value in the file's voxels.</param>
/// <param name="Layer">The layer it is in, from 0; overlapping segments need several.</param>
public sealed record Segment(string Name, int Value, int Layer);

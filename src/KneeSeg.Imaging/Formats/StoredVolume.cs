namespace KneeSeg.Imaging;

/// <summary>An open volume file: what its header says, and its voxels, to be read once.</summary>
internal abstract class StoredVolume : IDisposable
{
    /// <summary>The file, named in errors.</summary>
    public required string Path { get; init; }

    /// <summary>The format's name, as <c>info</c> gives it.</summary>
    public required string Format { get; init; }

    /// <summary>Where the voxels are.</summary>
    public required Grid Grid { get; init; }

    /// <summary>As what they are stored, under numpy's names.</summary>
    public required string DataType { get; init; }

    /// <summary>What was doubtful, a sentence each; reading the voxels may add to it.</summary>
    public required List<string> Warnings { get; init; }

    /// <summary>Reads the voxels as an image.</summary>
    public abstract Volume<float> ReadImage();

    /// <summary>Reads the voxels as labels, exactly.</summary>
    /// <param name="overlaps">What is done where channels overlap, in formats that have them.</param>
    public abstract Volume<byte> ReadLabels(OverlapRule overlaps = OverlapRule.Lowest);

    /// <summary>Reads the voxels as labels, numbered by a profile where the file names its segments.</summary>
    /// <param name="overlaps">What is done where channels overlap, in formats that have them.</param>
    /// <param name="names">The profile's names by label; null where it is not known.</param>
    public virtual Volume<byte> ReadLabels(OverlapRule overlaps, IReadOnlyList<string>? names) =>
        ReadLabels(overlaps);

    /// <summary>The segments that it names; most formats name none.</summary>
    public virtual IReadOnlyList<Segment> Segments => [];

    /// <summary>Whether it says how far apart its voxels are, or that is known otherwise.</summary>
    public bool IsSpacingKnown { get; init; } = true;

    /// <summary>Refuses a file whose spacing is not known and can't be taken for granted.</summary>
    /// <exception cref="ProblemException">It is such a file (exit 3).</exception>
    public virtual void CheckSpacing() { }

    /// <inheritdoc />
    public abstract void Dispose();
}

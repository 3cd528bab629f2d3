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
    public abstract Volume<byte> ReadLabels(Overlaps overlaps = Overlaps.Lowest);

    /// <inheritdoc />
    public abstract void Dispose();
}

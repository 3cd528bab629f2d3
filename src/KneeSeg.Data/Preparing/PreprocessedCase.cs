using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>A case that patches can be cut from: in memory, or in a file of the cache that is mapped into it.</summary>
public sealed class PreprocessedCase
{
    private readonly Lazy<float> darkest;
    private readonly Lazy<int> annotated;

    internal PreprocessedCase()
    {
        darkest = new(() => TensorPrimitives.Min(Image.Span));
        annotated = new(() => Labels.Length - Labels.Span.Count(LabelValue.Ignored));
    }

    /// <summary>The case's id.</summary>
    public required string Id { get; init; }

    /// <summary>Where its voxels are.</summary>
    public required Grid Grid { get; init; }

    /// <summary>The prepared image, [D, H, W].</summary>
    public required ReadOnlyMemory<float> Image { get; init; }

    /// <summary>The labels, [D, H, W]; <see cref="LabelValue.Ignored"/> where nobody annotated.</summary>
    public required ReadOnlyMemory<byte> Labels { get; init; }

    /// <summary>By label, the indices of all its voxels; none are kept for the background and ignored voxels.</summary>
    public required IReadOnlyList<ReadOnlyMemory<int>> ForegroundIndices { get; init; }

    /// <summary>How many of the image's voxels were not finite.</summary>
    public required long NonFiniteCount { get; init; }

    /// <summary>SHA-256 of the image's voxels.</summary>
    public required byte[] ImageHash { get; init; }

    /// <summary>SHA-256 of the labels.</summary>
    public required byte[] LabelsHash { get; init; }

    /// <summary>Bytes of memory that the case takes; 0 where it is mapped.</summary>
    internal long Bytes { get; init; }

    /// <summary>How many voxels it has along each axis.</summary>
    public ModelSize Size => ModelSize.Of(Grid);

    /// <summary>How far apart they are.</summary>
    public ModelSpacing Spacing => new(Grid.Spacing.Z, Grid.Spacing.Y, Grid.Spacing.X);

    /// <summary>The labels that occur, the background aside.</summary>
    public IReadOnlyList<int> PresentLabels =>
        [
            .. Enumerable
                .Range(1, ForegroundIndices.Count - 1)
                .Where(label => ForegroundIndices[label].Length > 0),
        ];

    /// <summary>How many voxels are annotated: all that are not ignored.</summary>
    public int Annotated => annotated.Value;

    /// <summary>The image's least value, which fills patches beyond its border.</summary>
    public float MinIntensity => darkest.Value;

    /// <summary>Reads and prepares a case.</summary>
    /// <param name="dataCase">One with labels.</param>
    /// <param name="profile">What the labels mean.</param>
    /// <param name="preparation">What is done to the image.</param>
    /// <param name="warn">Receives every doubt about the labels, a sentence each.</param>
    /// <exception cref="ProblemException">
    /// A file can't be read, the labels are on another lattice, or they can't be the profile's (exit 3).
    /// </exception>
    public static PreprocessedCase Load(
        DatasetCase dataCase,
        LabelSchema profile,
        Preprocessor preparation,
        Action<string>? warn = null
    )
    {
        var image = dataCase.ReadImage();
        var labels = dataCase.ReadLabels(image.Grid, profile, warn, preparation.Overlaps);
        if (
            new LabelOrder(labels).Problem(dataCase.LabelsPath, profile, dataCase.Side) is
            { } problem
        )
            throw problem;
        var prepared = preparation.ApplyToLabels(labels);
        return prepared.Voxels.ContainsAnyExcept(LabelValue.Ignored)
            ? From(dataCase.Id, preparation.Apply(image), prepared, profile.Classes)
            : throw dataCase.NothingAnnotated(labels.Voxels.ContainsAnyExcept(LabelValue.Ignored));
    }

    /// <summary>A case of prepared volumes.</summary>
    /// <param name="id">Names it in errors.</param>
    /// <param name="image">The prepared image.</param>
    /// <param name="labels">On the same grid.</param>
    /// <param name="classes">How many labels there are, background included.</param>
    public static PreprocessedCase From(
        string id,
        PreprocessedImage image,
        Volume<byte> labels,
        int classes
    ) =>
        new()
        {
            Id = id,
            Grid = image.Volume.Grid,
            Image = image.Volume.Voxels,
            NonFiniteCount = image.NonFiniteCount,
            ImageHash = SHA256.HashData(MemoryMarshal.AsBytes(image.Volume.Voxels.AsSpan())),
            Labels = labels.Voxels,
            LabelsHash = SHA256.HashData(labels.Voxels),
            ForegroundIndices = PlacesOf(labels.Voxels, classes),
            Bytes = labels.Grid.Size.Count * (sizeof(float) + sizeof(byte)),
        };

    /// <summary>The same, with all structures as label 1.</summary>
    public PreprocessedCase Binarized()
    {
        var labels = LabelValue.Binarized(Labels.Span);
        return new()
        {
            Id = Id,
            Grid = Grid,
            Image = Image,
            NonFiniteCount = NonFiniteCount,
            ImageHash = ImageHash,
            Labels = labels,
            LabelsHash = SHA256.HashData(labels),
            ForegroundIndices = PlacesOf(labels, LabelSchema.Binary.Classes),
            Bytes = Bytes + labels.Length,
        };
    }

    private static ReadOnlyMemory<int>[] PlacesOf(byte[] labels, int classes)
    {
        var counts = new int[256];
        foreach (var label in labels)
            counts[label]++;
        counts[0] = 0;
        var places = Array.ConvertAll(counts[..classes], count => new int[count]);
        counts.AsSpan().Clear();
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] is var label and not (0 or LabelValue.Ignored))
                places[label][counts[label]++] = i;
        return Array.ConvertAll(places, list => (ReadOnlyMemory<int>)list);
    }
}

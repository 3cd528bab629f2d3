using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Preprocessing;

/// <summary>A preprocessed case, in memory or memory-mapped from the cache.</summary>
public sealed class PreprocessedCase
{
    private readonly Lazy<int> annotated;

    internal PreprocessedCase()
    {
        Summaries = new(() =>
            [
                .. Enumerable
                    .Range(0, Channels)
                    .Select(channel => IntensitySummary.Of(Channel(channel).Span)),
            ]
        );
        annotated = new(() => Labels.Length - Labels.Span.Count(LabelValue.Ignored));
    }

    /// <summary>The case's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its grid.</summary>
    public required Grid Grid { get; init; }

    /// <summary>The preprocessed image, [D, H, W], or [C, D, H, W] with several channels.</summary>
    public required ReadOnlyMemory<float> Image { get; init; }

    /// <summary>The labels, [D, H, W]; <see cref="LabelValue.Ignored"/> for unannotated voxels.</summary>
    public required ReadOnlyMemory<byte> Labels { get; init; }

    /// <summary>By label, the indices of all its voxels; none are kept for the background and ignored voxels.</summary>
    public required IReadOnlyList<ReadOnlyMemory<int>> ForegroundIndices { get; init; }

    /// <summary>What its labels distinguish; null if every class.</summary>
    public LabelGroups? Groups { get; internal set; }

    /// <summary>How many of the image's voxels were not finite.</summary>
    public required long NonFiniteCount { get; init; }

    /// <summary>SHA-256 of the image's voxels.</summary>
    public required byte[] ImageHash { get; init; }

    /// <summary>SHA-256 of the labels.</summary>
    public required byte[] LabelsHash { get; init; }

    /// <summary>Memory of the case in bytes; 0 if it is memory-mapped.</summary>
    internal long Bytes { get; init; }

    /// <summary>How many voxels it has along each axis.</summary>
    public ModelSize Size => ModelSize.Of(Grid);

    /// <summary>How far apart they are.</summary>
    public ModelSpacing Spacing => new(Grid.Spacing.Z, Grid.Spacing.Y, Grid.Spacing.X);

    /// <summary>The labels that occur, without background.</summary>
    public IReadOnlyList<int> PresentLabels =>
        [
            .. Enumerable
                .Range(1, ForegroundIndices.Count - 1)
                .Where(label => ForegroundIndices[label].Length > 0),
        ];

    /// <summary>How many voxels are annotated: all that are not ignored.</summary>
    public int Annotated => annotated.Value;

    /// <summary>How many channels the image has.</summary>
    public int Channels => Image.Length / Labels.Length;

    /// <summary>The intensities of each channel; the minimum pads patches beyond the image's border.</summary>
    public IReadOnlyList<IntensitySummary> Intensities => Summaries.Value;

    private Lazy<IntensitySummary[]> Summaries { get; init; }

    /// <summary>A channel of the image, [D, H, W].</summary>
    /// <param name="channel">Counted from 0.</param>
    public ReadOnlyMemory<float> Channel(int channel) =>
        Image.Slice(channel * Labels.Length, Labels.Length);

    /// <summary>Reads and preprocesses a case.</summary>
    /// <param name="dataCase">One with labels.</param>
    /// <param name="profile">The label map.</param>
    /// <param name="preprocessor">The preprocessing.</param>
    /// <param name="warn">Receives warnings about the labels, one sentence each.</param>
    /// <exception cref="ProblemException">
    /// A file can't be read, the labels are on another lattice, or they can't be the profile's (exit 3).
    /// </exception>
    public static PreprocessedCase Load(
        DatasetCase dataCase,
        LabelSchema profile,
        Preprocessor preprocessor,
        Action<string>? warn = null
    )
    {
        var images = dataCase.ReadImages();
        var labels = dataCase.ReadOwnLabels(images[0].Grid, profile, warn, preprocessor.Overlaps);
        if (
            new LabelOrder(labels).Problem(
                dataCase.LabelsPath,
                dataCase.OwnProfile(profile),
                dataCase.Side
            ) is
            { } problem
        )
            throw problem;
        labels = dataCase.ToClasses(labels);
        var prepared = preprocessor.ApplyToLabels(labels);
        return prepared.Voxels.ContainsAnyExcept(LabelValue.Ignored)
            ? From(dataCase.Id, preprocessor.ApplyToChannels(images), prepared, profile.Classes)
            : throw dataCase.NothingAnnotated(labels.Voxels.ContainsAnyExcept(LabelValue.Ignored));
    }

    /// <summary>A case of preprocessed volumes.</summary>
    /// <param name="id">Names it in errors.</param>
    /// <param name="image">The preprocessed image.</param>
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
            ForegroundIndices = ForegroundIndicesOf(labels.Voxels, classes),
            Bytes =
                (long)image.Volume.Voxels.Length * sizeof(float)
                + labels.Grid.Size.Count * sizeof(byte),
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
            ForegroundIndices = ForegroundIndicesOf(labels, LabelSchema.Binary.Classes),
            Summaries = Summaries,
            Bytes = Bytes + labels.Length,
        };
    }

    private static ReadOnlyMemory<int>[] ForegroundIndicesOf(byte[] labels, int classes)
    {
        var counts = new int[256];
        foreach (var label in labels)
            counts[label]++;
        counts[0] = 0;
        var indices = Array.ConvertAll(counts[..classes], count => new int[count]);
        counts.AsSpan().Clear();
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] is var label and not (0 or LabelValue.Ignored))
                indices[label][counts[label]++] = i;
        return Array.ConvertAll(indices, list => (ReadOnlyMemory<int>)list);
    }
}

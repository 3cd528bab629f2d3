using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;

namespace KneeSeg.Data.Patches;

/// <summary>
/// Copies patches out of cases. Beyond a volume's border, patches are padded with the case's minimum intensity and
/// background labels.
/// </summary>
public sealed class PatchExtractor
{
    private readonly PatchSamplingOptions options;
    private readonly byte[] swapped;

    internal PatchExtractor(PatchSamplingOptions options) =>
        (this.options, swapped) = (options, SwapTable(options.Mirror));

    internal void Extract(
        PreprocessedCase source,
        PatchLocation location,
        Span<float> image,
        Span<byte> labels
    )
    {
        CopyImage(
            source.Image.Span,
            source.Size,
            location,
            options.Size,
            options.Slices,
            source.MinIntensities,
            image
        );
        // A slab is labeled by its middle slice, after mirroring.
        var labeled = location;
        if (options.Kind == PatchKind.Slab)
        {
            var middle = options.Size.Depth / 2;
            labeled = location with
            {
                Depth =
                    location.Depth
                    + (location.MirrorDepth ? options.Size.Depth - 1 - middle : middle),
            };
        }
        Copy<byte>(source.Labels.Span, source.Size, labeled, options.LabelSize, 0, labels);
        Swap(source, location, labels);
    }

    internal void Extract(
        PreprocessedCase source,
        PatchLocation location,
        SpatialTransform transform,
        Span<float> image,
        Span<byte> labels
    )
    {
        transform.Image(source, image, repeatSlices: options.Slices > 1);
        transform.Labels(
            source,
            options.Kind == PatchKind.Volume ? 0 : options.ImageSize.Depth / 2,
            labels
        );
        Swap(source, location, labels);
    }

    private void Swap(PreprocessedCase source, PatchLocation location, Span<byte> labels)
    {
        if (!location.MirrorDepth || options.Mirror.Swap.Count == 0)
            return;
        foreach (ref var label in labels)
            label = swapped[label];
        source.Groups?.Merge(labels);
    }

    /// <summary>Copies a patch of an image's channels, as [C, D, H, W].</summary>
    /// <param name="image">[channel, depth, height, width].</param>
    /// <param name="size">The size of a channel.</param>
    /// <param name="location">Where the patch begins, and how it is mirrored.</param>
    /// <param name="patch">The patch's size.</param>
    /// <param name="slices">For patches of one slice: with how many it is copied, of which it is the middle one.</param>
    /// <param name="outside">The value beyond the border of each channel.</param>
    /// <param name="target">Receives the patch.</param>
    /// <param name="repeatSlices">As for <see cref="Copy"/>; neighboring slices always are.</param>
    public static void CopyImage(
        ReadOnlySpan<float> image,
        ModelSize size,
        PatchLocation location,
        ModelSize patch,
        int slices,
        IReadOnlyList<float> outside,
        Span<float> target,
        bool repeatSlices = false
    )
    {
        if (slices > 1)
            (location, patch) = (
                location with
                {
                    Depth = location.Depth - slices / 2,
                },
                patch with
                {
                    Depth = slices,
                }
            );
        var (voxels, copied) = ((int)size.Count, (int)patch.Count);
        for (var channel = 0; channel < outside.Count; channel++)
            Copy(
                image.Slice(channel * voxels, voxels),
                size,
                location,
                patch,
                outside[channel],
                target.Slice(channel * copied, copied),
                repeatSlices || slices > 1
            );
    }

    /// <summary>Copies a patch out of a volume. Beyond the border it is padded.</summary>
    /// <param name="volume">[depth, height, width].</param>
    /// <param name="size">The volume's size.</param>
    /// <param name="location">Where the patch begins, and how it is mirrored.</param>
    /// <param name="patch">The patch's size.</param>
    /// <param name="outside">The value beyond the border.</param>
    /// <param name="target">Receives the patch.</param>
    /// <param name="repeatSlices">Whether the first and last slices are repeated beyond them, instead of padding.</param>
    public static void Copy<T>(
        ReadOnlySpan<T> volume,
        ModelSize size,
        PatchLocation location,
        ModelSize patch,
        T outside,
        Span<T> target,
        bool repeatSlices = false
    )
    {
        // The part of each row that is in the volume.
        var first = Math.Max(0, -location.Width);
        var end = Math.Min(patch.Width, size.Width - location.Width);
        if (first > 0 || end < patch.Width || !Fits(location, patch, size))
            target.Fill(outside);
        for (var d = 0; d < patch.Depth; d++)
        {
            var slice = location.Depth + (location.MirrorDepth ? patch.Depth - 1 - d : d);
            if (repeatSlices)
                slice = Math.Clamp(slice, 0, size.Depth - 1);
            if (slice < 0 || slice >= size.Depth)
                continue;
            for (var h = 0; h < patch.Height; h++)
            {
                var row = location.Height + (location.MirrorHeight ? patch.Height - 1 - h : h);
                if (row < 0 || row >= size.Height || end <= first)
                    continue;
                var from = (slice * size.Height + row) * size.Width + location.Width;
                var line = target.Slice((d * patch.Height + h) * patch.Width, patch.Width);
                volume.Slice(from + first, end - first).CopyTo(line[first..]);
                if (location.MirrorWidth)
                    line.Reverse();
            }
        }
    }

    private static bool Fits(PatchLocation location, ModelSize patch, ModelSize size) =>
        location.Depth >= 0
        && location.Height >= 0
        && location.Depth + patch.Depth <= size.Depth
        && location.Height + patch.Height <= size.Height;

    private static byte[] SwapTable(FlipAugmentation mirror)
    {
        byte[] table = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        foreach (var (first, second) in mirror.Swap)
            (table[first], table[second]) = (second, first);
        return table;
    }
}

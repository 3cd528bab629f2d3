namespace KneeSeg.Data;

/// <summary>
/// Copies patches out of cases. What lies beyond a volume's border is the case's darkest value, labeled
/// background.
/// </summary>
internal sealed class PatchExtractor(PatchSamplingOptions rule)
{
    private readonly byte[] swapped = SwapTable(rule.Mirror);

    public void Extract(
        PreprocessedCase source,
        PatchLocation place,
        Span<float> image,
        Span<byte> labels
    )
    {
        Copy(source.Image.Span, source.Size, place, rule.Size, source.MinIntensity, image);
        // A slab's labels are those of the slice that ends up in its middle.
        var labeled = place;
        if (rule.Kind == PatchKind.Slab)
        {
            var middle = rule.Size.Depth / 2;
            labeled = place with
            {
                Depth = place.Depth + (place.MirrorDepth ? rule.Size.Depth - 1 - middle : middle),
            };
        }
        Copy<byte>(source.Labels.Span, source.Size, labeled, rule.LabelSize, 0, labels);
        Swap(place, labels);
    }

    public void Extract(
        PreprocessedCase source,
        PatchLocation place,
        SpatialTransform warp,
        Span<float> image,
        Span<byte> labels
    )
    {
        warp.Image(source, image);
        warp.Labels(source, rule.Kind == PatchKind.Slab ? rule.Size.Depth / 2 : 0, labels);
        Swap(place, labels);
    }

    private void Swap(PatchLocation place, Span<byte> labels)
    {
        if (place.MirrorDepth && rule.Mirror.Swap.Count > 0)
            foreach (ref var label in labels)
                label = swapped[label];
    }

    private static void Copy<T>(
        ReadOnlySpan<T> source,
        ModelSize size,
        PatchLocation place,
        ModelSize patch,
        T outside,
        Span<T> target
    )
    {
        var (first, end) = Inside(place.Width, patch.Width, size.Width);
        if (first > 0 || end < patch.Width || !Fits(place, patch, size))
            target.Fill(outside);
        for (var d = 0; d < patch.Depth; d++)
        {
            var slice = place.Depth + (place.MirrorDepth ? patch.Depth - 1 - d : d);
            if (slice < 0 || slice >= size.Depth)
                continue;
            for (var h = 0; h < patch.Height; h++)
            {
                var row = place.Height + (place.MirrorHeight ? patch.Height - 1 - h : h);
                if (row < 0 || row >= size.Height || end <= first)
                    continue;
                var from = (slice * size.Height + row) * size.Width + place.Width;
                var line = target.Slice((d * patch.Height + h) * patch.Width, patch.Width);
                source.Slice(from + first, end - first).CopyTo(line[first..]);
                if (place.MirrorWidth)
                    line.Reverse();
            }
        }
    }

    // The part of a line of a patch that is in the volume.
    private static (int First, int End) Inside(int start, int length, int volume) =>
        (Math.Max(0, -start), Math.Min(length, volume - start));

    private static bool Fits(PatchLocation place, ModelSize patch, ModelSize size) =>
        place.Depth >= 0
        && place.Height >= 0
        && place.Depth + patch.Depth <= size.Depth
        && place.Height + patch.Height <= size.Height;

    private static byte[] SwapTable(FlipAugmentation mirror)
    {
        byte[] table = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        foreach (var (first, second) in mirror.Swap)
            (table[first], table[second]) = (second, first);
        return table;
    }
}

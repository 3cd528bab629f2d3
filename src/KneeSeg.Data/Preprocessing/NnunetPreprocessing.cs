using System.Text.Json.Serialization;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;
using KneeSeg.Imaging.Resampling;

namespace KneeSeg.Data.Preprocessing;

/// <summary>
/// The preprocessing of nnU-Net (Isensee et al. 2021): axes as stored in the file and then in the plan's order, a crop to the
/// voxels that are not zero, normalization, and resampling to the plan's spacing. Arrays are [depth, height, width] in the plan's
/// order, whatever these directions are in the body.
/// </summary>
/// <param name="Transpose">
/// The plan's <c>transpose_forward</c>: the axis of the stored array, slowest first, that becomes depth, height and width.
/// </param>
/// <param name="Channels">The normalization of each channel.</param>
public sealed record NnunetPreprocessing(
    IReadOnlyList<int> Transpose,
    IReadOnlyList<NnunetIntensity> Channels
)
{
    // Slices so much thicker than pixels are resampled one by one.
    private const double MostAnisotropy = 3;

    /// <summary>Whether images are turned to right, anterior and superior first (<c>NibabelIOWithReorient</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Reorient { get; init; }

    /// <summary>Whether slices keep their distance: a plan for a 2D network.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Planar { get; init; }

    /// <summary>The grid of a preprocessed image that has no zeros to crop.</summary>
    internal Grid TargetFor(Grid image, ModelSpacing spacing) =>
        Resampled(Order(image).Apply(image), spacing);

    /// <summary>
    /// The axis of a preprocessed image, from 0 for the width, along which predictions take the nearest slice; null where all are
    /// interpolated.
    /// </summary>
    internal int? NearestAxis(Grid image, ModelSpacing spacing)
    {
        var turned = Order(image).Apply(image).Spacing;
        return Separate(Target(turned, spacing), turned);
    }

    /// <summary>Preprocesses the channels of an image, which are all finite.</summary>
    internal Volume<float> Apply(IReadOnlyList<Volume<float>> channels, ModelSpacing spacing)
    {
        var order = Order(channels[0].Grid);
        Volume<float>[] turned = [.. channels.Select(order.Apply)];
        var isPresent = NotZero(turned);
        var whole = turned[0].Grid;
        var box = Box(isPresent, whole.Size);
        var part = whole.Part(box.Size, box.MinX, box.MinY, box.MinZ);
        var target = Resampled(part, spacing);
        var mask = Channels.Any(rule => rule.InMask)
            ? Cut(WithoutHoles(isPresent, whole.Size), whole.Size, box)
            : null;
        var count = (int)target.Size.Count;
        var all = GC.AllocateUninitializedArray<float>(checked(count * turned.Length));
        foreach (var (i, channel) in turned.Index())
        {
            var voxels = Cut(channel.Voxels, whole.Size, box);
            Channels[i].Apply(voxels, mask);
            Resized(voxels, part, target).CopyTo(all, i * count);
        }
        return new(target, all);
    }

    /// <inheritdoc/>
    public bool Equals(NnunetPreprocessing? other) =>
        other is not null
        && Transpose.SequenceEqual(other.Transpose)
        && Channels.SequenceEqual(other.Channels)
        && Reorient == other.Reorient
        && Planar == other.Planar;

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Channels.Aggregate(
            Transpose.Aggregate(Reorient.GetHashCode(), HashCode.Combine),
            HashCode.Combine
        );

    // The stored array's last axis is the first of a grid.
    private AxisOrder Order(Grid image)
    {
        var stored = Reorient ? AxisOrder.Towards(image.Affine, "RAS") : AxisOrder.Unchanged;
        return new(stored[2 - Transpose[2]], stored[2 - Transpose[1]], stored[2 - Transpose[0]]);
    }

    private Grid Resampled(Grid image, ModelSpacing spacing)
    {
        var (now, target) = (image.Spacing, Target(image.Spacing, spacing));
        // To the even number of two that are equally near.
        int Voxels(int axis) =>
            Math.Max(1, (int)Math.Round(now[axis] / target[axis] * image.Size[axis]));
        return image.WithSize(new(Voxels(0), Voxels(1), Voxels(2)));
    }

    private Spacing3 Target(Spacing3 image, ModelSpacing spacing) =>
        new(spacing.Width, spacing.Height, Planar ? image.Z : spacing.Depth);

    private static float[] Resized(float[] voxels, Grid image, Grid target) =>
        image.Size == target.Size ? voxels
        : Separate(image.Spacing, target.Spacing) is { } axis
            ? Resize.CubicInSlices(voxels, image.Size, target.Size, axis)
        : Resize.Cubic(voxels, image.Size, target.Size);

    // The single coarsest axis of the first spacing that is anisotropic.
    private static int? Separate(Spacing3 from, Spacing3 to)
    {
        if (IsAnisotropic(from))
            return Coarsest(from);
        return IsAnisotropic(to) ? Coarsest(to) : null;

        static bool IsAnisotropic(Spacing3 mm) => mm.Largest / mm.Smallest > MostAnisotropy;

        static int? Coarsest(Spacing3 mm) =>
            Enumerable.Range(0, 3).Where(axis => mm[axis] == mm.Largest).ToArray() is [var only]
                ? only
                : null;
    }

    private static bool[] NotZero(Volume<float>[] channels)
    {
        var found = new bool[channels[0].Voxels.Length];
        foreach (var channel in channels)
            for (var i = 0; i < found.Length; i++)
                found[i] |= channel.Voxels[i] != 0;
        return found;
    }

    // All of an image of zeros.
    private static VoxelBox Box(bool[] isPresent, Size3 size)
    {
        var box = VoxelBox.Around(isPresent, size);
        return box.IsEmpty ? new(0, 0, 0, size.X - 1, size.Y - 1, size.Z - 1) : box;
    }

    // Zeros that no path of zeros leads out of are present too.
    private static bool[] WithoutHoles(bool[] isPresent, Size3 size)
    {
        var zeros = Components.Of(Array.ConvertAll(isPresent, one => !one), size, corners: false);
        var isOutside = new bool[zeros.Sizes.Count];
        for (var i = 0; i < isPresent.Length; i++)
        {
            var (x, y, z) = (i % size.X, i / size.X % size.Y, i / size.X / size.Y);
            if (
                !isPresent[i]
                && (
                    x == 0
                    || y == 0
                    || z == 0
                    || x == size.X - 1
                    || y == size.Y - 1
                    || z == size.Z - 1
                )
            )
                isOutside[zeros[i]] = true;
        }
        return [.. isPresent.Select((one, i) => one || !isOutside[zeros[i]])];
    }

    private static T[] Cut<T>(T[] voxels, Size3 size, VoxelBox box)
    {
        if (box.Size == size)
            return (T[])voxels.Clone();
        var part = new T[box.Size.Count];
        for (var z = 0; z < box.Size.Z; z++)
        for (var y = 0; y < box.Size.Y; y++)
            voxels
                .AsSpan(box.MinX + size.X * (box.MinY + y + size.Y * (box.MinZ + z)), box.Size.X)
                .CopyTo(part.AsSpan(box.Size.X * (y + box.Size.Y * z)));
        return part;
    }
}

/// <summary>How nnU-Net normalizes a channel.</summary>
/// <param name="Scheme">The rule.</param>
public sealed record NnunetIntensity(NnunetScheme Scheme)
{
    private const double SmallestDeviation = 1e-8;

    /// <summary>Whether only voxels that are not zero are normalized, holes included; the others stay as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool InMask { get; init; }

    /// <summary>Where <see cref="NnunetScheme.Ct"/> clips: a percentile of the training set's foreground.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Low { get; init; }

    /// <summary>Where it clips at the other end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double High { get; init; }

    /// <summary>The foreground's mean in the training set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Mean { get; init; }

    /// <summary>Its standard deviation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Deviation { get; init; }

    /// <summary>Normalizes a channel in place.</summary>
    /// <param name="voxels">The channel.</param>
    /// <param name="mask">Where it is not zero; null where no channel needs it.</param>
    internal void Apply(float[] voxels, bool[]? mask)
    {
        switch (Scheme)
        {
            case NnunetScheme.ZScore:
                var present = InMask ? mask : null;
                var (mean, deviation) = Moments(voxels, present);
                Change(voxels, present, value => (value - mean) / deviation);
                break;
            case NnunetScheme.Ct:
                var scale = Math.Max(Deviation, SmallestDeviation);
                Change(voxels, null, value => (Math.Clamp(value, Low, High) - Mean) / scale);
                break;
            case NnunetScheme.ZeroToOne:
                var (low, high) = ((double)voxels.Min(), (double)voxels.Max());
                var range = Math.Max(high - low, SmallestDeviation);
                Change(voxels, null, value => (value - low) / range);
                break;
            case NnunetScheme.Rgb:
                Change(voxels, null, value => value / byte.MaxValue);
                break;
        }
    }

    private static (double Mean, double Deviation) Moments(float[] voxels, bool[]? mask)
    {
        var (sum, squares, count) = (0.0, 0.0, 0);
        for (var i = 0; i < voxels.Length; i++)
            if (mask is null || mask[i])
                (sum, count) = (sum + voxels[i], count + 1);
        var mean = count > 0 ? sum / count : 0;
        for (var i = 0; i < voxels.Length; i++)
            if (mask is null || mask[i])
                squares += (voxels[i] - mean) * (voxels[i] - mean);
        var deviation = count > 0 ? Math.Sqrt(squares / count) : 0;
        return (mean, Math.Max(deviation, SmallestDeviation));
    }

    private static void Change(float[] voxels, bool[]? mask, Func<double, double> change)
    {
        for (var i = 0; i < voxels.Length; i++)
            if (mask is null || mask[i])
                voxels[i] = (float)change(voxels[i]);
    }
}

/// <summary>The rules of nnU-Net's normalization.</summary>
public enum NnunetScheme
{
    /// <summary>Mean 0 and standard deviation 1 (<c>ZScoreNormalization</c>).</summary>
    ZScore,

    /// <summary>Clipped, and then by the training set's mean and deviation (<c>CTNormalization</c>).</summary>
    Ct,

    /// <summary>As it is (<c>NoNormalization</c>).</summary>
    None,

    /// <summary>From 0 to 1 (<c>RescaleTo01Normalization</c>).</summary>
    ZeroToOne,

    /// <summary>Divided by 255 (<c>RGBTo01Normalization</c>).</summary>
    Rgb,
}

namespace KneeSeg.Kernels;

/// <summary>
/// The sizes of a convolution <c>[O, C, kd, kh, kw]</c>. Its input counts as one of stride 1 with s·s·s times the channels: phase φ
/// of an axis has every s-th voxel from φ on, each called a cell. Every stride and the transposed convolution are so the same
/// three kernels.
/// </summary>
/// <param name="Inputs">Channels C of the input, of the finer side.</param>
/// <param name="Outputs">Channels O of the output, of the coarser side.</param>
/// <param name="Size">Of the input.</param>
/// <param name="Kernel">1 to 5 an axis.</param>
/// <param name="Stride">1 or more an axis.</param>
/// <param name="Before">Padding before the first voxel, less than the kernel.</param>
/// <param name="After">Padding behind the last, less than the kernel.</param>
internal sealed record Geometry(
    int Inputs,
    int Outputs,
    Extent Size,
    Extent Kernel,
    Extent Stride,
    Extent Before,
    Extent After
)
{
    /// <summary>The size of the output.</summary>
    public Extent OutputSize { get; } =
        Extent.Of(axis =>
            (Size[axis] + Before[axis] + After[axis] - Kernel[axis]) / Stride[axis] + 1
        );

    /// <summary>Cells of the input.</summary>
    public Extent Cells { get; } =
        Extent.Of(axis => (Size[axis] + Stride[axis] - 1) / Stride[axis]);

    /// <summary>Cells of zeros before the first.</summary>
    public Extent Lead { get; } =
        Extent.Of(axis => (Before[axis] + Stride[axis] - 1) / Stride[axis]);

    /// <summary>Phases of a voxel.</summary>
    public int Phases { get; } = (int)Stride.Voxels;

    /// <summary>Channels of the input, every phase counted.</summary>
    public int Phased => Inputs * Phases;

    /// <summary>Taps of the kernel in each phase.</summary>
    public Extent Taps => Extent.Of(axis => (Kernel[axis] - 1 + Skew(axis)) / Stride[axis] + 1);

    /// <summary>Numbers of the kernel of all phases, as the weight gradient counts them.</summary>
    public int PhasedWeights => Outputs * Phased * (int)Taps.Voxels;

    /// <summary>Numbers of the kernel.</summary>
    public int Weights => Outputs * Inputs * (int)Kernel.Voxels;

    /// <summary>The phase of a phased channel along the axes.</summary>
    public Extent PhaseOf(int channel)
    {
        var phase = channel % Phases;
        return new(
            phase / (int)Stride.Plane,
            phase / Stride.Width % Stride.Height,
            phase % Stride.Width
        );
    }

    /// <summary>Where the weight of a phased channel's tap stands in the kernel; -1 for a tap that is always 0.</summary>
    public int Weight(int output, int channel, Extent tap)
    {
        var phase = PhaseOf(channel);
        var at = Extent.Of(axis => tap[axis] * Stride[axis] + phase[axis] - Skew(axis));
        for (var axis = 0; axis < 3; axis++)
            if (at[axis] < 0 || at[axis] >= Kernel[axis])
                return -1;
        var own = (nint)output * Inputs + channel / Phases;
        return (int)(own * Kernel.Voxels + at.Depth * Kernel.Plane)
            + at.Height * Kernel.Width
            + at.Width;
    }

    /// <summary>All taps, in the order of memory.</summary>
    public static IEnumerable<Extent> Within(Extent taps) =>
        from z in Enumerable.Range(0, taps.Depth)
        from y in Enumerable.Range(0, taps.Height)
        from x in Enumerable.Range(0, taps.Width)
        select new Extent(z, y, x);

    // Voxels of the first cell that lie before the padding.
    private int Skew(int axis) => Lead[axis] * Stride[axis] - Before[axis];
}

/// <summary>Weights in the order in which the kernels read them.</summary>
internal sealed class PackedWeights
{
    /// <summary>A column of the kernel of one input: its taps along the height, for each output of a group.</summary>
    public readonly record struct Tap(int Channel, int Plane, int Column, int Offset);

    /// <summary>Outputs that are computed at once, 1, 2 or 4.</summary>
    public readonly record struct Group(int First, int Outputs, Tap[] Taps);

    private readonly List<float> weights = [];

    /// <param name="outputs">Channels to compute.</param>
    /// <param name="inputs">Channels to read.</param>
    /// <param name="taps">Of the kernel.</param>
    /// <param name="weightOf">By output, input and tap.</param>
    public PackedWeights(
        int outputs,
        int inputs,
        Extent taps,
        Func<int, int, Extent, float> weightOf
    )
    {
        Height = taps.Height;
        var groups = new List<Group>();
        for (int first = 0, count; first < outputs; first += count)
        {
            count = (outputs - first) switch
            {
                >= 4 => 4,
                >= 2 => 2,
                _ => 1,
            };
            groups.Add(new(first, count, [.. Pack(first, count, inputs, taps, weightOf)]));
        }
        Groups = [.. groups];
        Weights = [.. weights];
        MostTaps = groups.Max(group => group.Taps.Length);
    }

    /// <summary>Taps of a column.</summary>
    public int Height { get; }

    public Group[] Groups { get; }

    public float[] Weights { get; }

    public int MostTaps { get; }

    private IEnumerable<Tap> Pack(
        int first,
        int count,
        int inputs,
        Extent taps,
        Func<int, int, Extent, float> weightOf
    )
    {
        for (var channel = 0; channel < inputs; channel++)
        for (var plane = 0; plane < taps.Depth; plane++)
        for (var column = 0; column < taps.Width; column++)
        {
            var offset = weights.Count;
            for (var output = first; output < first + count; output++)
            for (var row = 0; row < taps.Height; row++)
                weights.Add(weightOf(output, channel, new(plane, row, column)));
            // Of a phase without taps here.
            if (weights.Skip(offset).All(weight => weight == 0))
                weights.RemoveRange(offset, weights.Count - offset);
            else
                yield return new(channel, plane, column, offset);
        }
    }
}

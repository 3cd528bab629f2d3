namespace KneeSeg.Rendering;

/// <summary>Which intensities are black and white: a radiologist's window and level, found from the image itself.</summary>
/// <param name="Black">This and below is black.</param>
/// <param name="White">This and above is white.</param>
public readonly record struct GrayWindow(float Black, float White)
{
    private const int MostSamples = 200_000;

    /// <summary>From the 1st to the 99.5th percentile of the finite voxels, found from at most 200 000 of them.</summary>
    public static GrayWindow Of(ReadOnlySpan<float> voxels)
    {
        var stride = Math.Max(1, voxels.Length / MostSamples);
        var samples = new List<float>(voxels.Length / stride + 1);
        for (var i = 0; i < voxels.Length; i += stride)
            if (float.IsFinite(voxels[i]))
                samples.Add(voxels[i]);
        if (samples.Count == 0)
            return new(0, 1);
        samples.Sort();
        var black = samples[(int)(0.01 * (samples.Count - 1))];
        var white = samples[(int)(0.995 * (samples.Count - 1))];
        return new(black, white > black ? white : black + 1);
    }

    /// <summary>An intensity as gray, 0 to 255; 0 where it is not a number.</summary>
    public byte Gray(float intensity) =>
        float.IsNaN(intensity)
            ? (byte)0
            : (byte)Math.Round(255 * Math.Clamp((intensity - Black) / (White - Black), 0, 1));

    /// <summary>A slice in gray.</summary>
    public Slice<byte> Apply(Slice<float> slice) =>
        new(
            slice.Width,
            slice.Height,
            slice.PixelWidth,
            slice.PixelHeight,
            Array.ConvertAll(slice.Pixels, Gray)
        );
}

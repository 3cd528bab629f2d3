namespace KneeSeg.Imaging.Resampling;

/// <summary>Which two source voxels each target voxel along one axis lies between, and how near to the second.</summary>
internal sealed class AxisSampling
{
    // A grid mapped onto itself misses whole indices by rounding only; snapping makes that an identity.
    private const double Snap = 1e-6;

    /// <param name="sourceSize">Source voxels along the axis.</param>
    /// <param name="targetSize">Target voxels along it.</param>
    /// <param name="scale">Source voxels per target voxel, negative when they run against each other.</param>
    /// <param name="offset">The source index of the first target voxel.</param>
    /// <param name="nearest">Whether each target voxel is the nearest source voxel, of two the one after.</param>
    public AxisSampling(
        int sourceSize,
        int targetSize,
        double scale,
        double offset,
        bool nearest = false
    )
    {
        Lower = new int[targetSize];
        Upper = new int[targetSize];
        Weight = new float[targetSize];
        for (var i = 0; i < targetSize; i++)
        {
            var index = Snapped(offset + scale * i);
            if (!IsInside(index, sourceSize))
            {
                Lower[i] = -1;
                continue;
            }
            var clamped = Math.Clamp(
                nearest ? Math.Floor(index + 0.5 + Snap) : index,
                0,
                sourceSize - 1
            );
            Lower[i] = (int)clamped;
            Weight[i] = (float)(clamped - Lower[i]);
            Upper[i] = Weight[i] > 0 ? Lower[i] + 1 : Lower[i];
        }
    }

    /// <summary>The voxel at or before, -1 outside the source's field of view.</summary>
    public int[] Lower { get; }

    /// <summary>The voxel after, or the same where the weight is 0.</summary>
    public int[] Upper { get; }

    /// <summary>The weight of the voxel after.</summary>
    public float[] Weight { get; }

    /// <summary>Whether a fractional index is in the extent of the voxels, edges included.</summary>
    public static bool IsInside(double index, int size) =>
        index >= -0.5 - Snap && index <= size - 0.5 + Snap;

    /// <summary>An index free of rounding error.</summary>
    public static double Snapped(double index) =>
        Math.Abs(index - Math.Round(index)) < Snap ? Math.Round(index) : index;

    /// <summary>The voxel whose extent the target voxel's center is in; of two, the one after.</summary>
    public int NearestAt(int i) => Weight[i] >= 0.5f ? Upper[i] : Lower[i];
}

namespace KneeSeg.Imaging.Resampling;

/// <summary>
/// Other sizes over the same field of view, by the cubic B-spline through the voxels, the edges repeated: as scikit-image's
/// <c>resize</c> at order 3 and mode edge. No voxel becomes darker or brighter than the darkest and the brightest were.
/// </summary>
public static class Resize
{
    /// <summary>A volume.</summary>
    /// <param name="voxels">The first axis fastest.</param>
    /// <param name="size">Their size.</param>
    /// <param name="target">The new size.</param>
    public static float[] Cubic(float[] voxels, Size3 size, Size3 target)
    {
        var resized = Spline(voxels, size, target);
        Clip(voxels, voxels.Length, resized, resized.Length, slices: 1);
        return resized;
    }

    /// <summary>Each slice across an axis on its own; between slices, the nearest.</summary>
    /// <param name="voxels">The first axis fastest.</param>
    /// <param name="size">Their size.</param>
    /// <param name="target">The new size.</param>
    /// <param name="across">The axis, from 0.</param>
    public static float[] CubicInSlices(float[] voxels, Size3 size, Size3 target, int across)
    {
        int Inner(Size3 all) =>
            across switch
            {
                0 => 1,
                1 => all.X,
                _ => all.X * all.Y,
            };
        var slices = size[across];
        Size3 inPlane = new(
            across == 0 ? slices : target.X,
            across == 1 ? slices : target.Y,
            across == 2 ? slices : target.Z
        );
        var resized = Spline(voxels, size, inPlane);
        Clip(voxels, Inner(size), resized, Inner(inPlane), slices);
        return Nearest(resized, Inner(inPlane), slices, target[across]);
    }

    private static float[] Spline(float[] voxels, Size3 size, Size3 target) =>
        CubicSampler.Parallel(
            voxels,
            size,
            [
                SplineAxis.Resized(size.X, target.X),
                SplineAxis.Resized(size.Y, target.Y),
                SplineAxis.Resized(size.Z, target.Z),
            ],
            outside: 0
        );

    // Slices lie in blocks of so many neighboring voxels.
    private static void Clip(float[] voxels, int block, float[] resized, int newBlock, int slices)
    {
        for (var slice = 0; slice < slices; slice++)
        {
            var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
            for (var at = slice * block; at < voxels.Length; at += slices * block)
                foreach (var value in voxels.AsSpan(at, block))
                    (low, high) = (Math.Min(low, value), Math.Max(high, value));
            for (var at = slice * newBlock; at < resized.Length; at += slices * newBlock)
                foreach (ref var value in resized.AsSpan(at, newBlock))
                    value = Math.Clamp(value, low, high);
        }
    }

    private static float[] Nearest(float[] voxels, int block, int slices, int targets)
    {
        if (slices == targets)
            return voxels;
        // As nnU-Net computes it, so that of two equally near slices rounding chooses the same.
        var step = (double)slices / targets;
        int Source(int target) => (int)Math.Floor(step * (target + 0.5) - 0.5 + 0.5);
        var result = GC.AllocateUninitializedArray<float>(voxels.Length / slices * targets);
        for (var outer = 0; outer < voxels.Length / (slices * block); outer++)
        for (var i = 0; i < targets; i++)
            voxels
                .AsSpan((outer * slices + Source(i)) * block, block)
                .CopyTo(result.AsSpan((outer * targets + i) * block, block));
        return result;
    }
}

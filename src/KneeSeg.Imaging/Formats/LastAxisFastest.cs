namespace KneeSeg.Imaging.Formats;

/// <summary>Arrays in the order of numpy and HDF5: the last axis is fastest; in a volume the first is.</summary>
internal static class LastAxisFastest
{
    private static readonly AxisOrder Backwards = new(new(2, false), new(1, false), new(0, false));

    /// <summary>A volume on a grid from voxels whose memory runs along its axes backwards.</summary>
    public static Volume<T> Turned<T>(Grid grid, T[] voxels)
        where T : unmanaged
    {
        Size3 size = new(grid.Size.Z, grid.Size.Y, grid.Size.X);
        var memory = new Volume<T>(new(size, Affine.Identity), voxels);
        return Backwards.Apply(memory) with { Grid = grid };
    }

    /// <summary>A volume's voxels in that order.</summary>
    public static T[] Of<T>(Volume<T> volume)
        where T : unmanaged => Backwards.Apply(volume).Voxels;
}

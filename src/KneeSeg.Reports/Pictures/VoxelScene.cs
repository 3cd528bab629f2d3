using System.Numerics;
using KneeSeg.Imaging;

namespace KneeSeg.Reports;

/// <summary>
/// Labels as a solid body in mm, with a smooth surface: where the share of tissue, interpolated between the centres of voxels,
/// is a half. Axes run to Posterior, Inferior, Right.
/// </summary>
internal sealed class VoxelScene
{
    // Normals are those of the body blurred by about so many mm: slices are thick, and steps would show.
    private const double Blur = 1.0;

    private readonly int width;
    private readonly int height;
    private readonly int depth;
    private readonly Vector3 spacing;
    private readonly byte[] labels;
    private readonly float[] smooth;
    private readonly bool[] near;

    /// <summary>Of a volume in model space, or the part of it that is looked at.</summary>
    /// <param name="volume">The labels.</param>
    /// <param name="first">The first voxel of the part.</param>
    /// <param name="size">The voxels of the part.</param>
    public VoxelScene(Volume<byte> volume, Size3 first, Size3 size)
    {
        // Two empty voxels around, so that no surface is cut open and every neighbour exists.
        const int around = 2;
        (width, height, depth) = (size.X + 2 * around, size.Y + 2 * around, size.Z + 2 * around);
        var mm = volume.Grid.Spacing;
        spacing = new((float)mm.X, (float)mm.Y, (float)mm.Z);
        labels = new byte[width * height * depth];
        var all = volume.Grid.Size;
        for (var z = 0; z < size.Z; z++)
        for (var y = 0; y < size.Y; y++)
            volume
                .Voxels.AsSpan(first.X + all.X * (first.Y + y + all.Y * (first.Z + z)), size.X)
                .CopyTo(labels.AsSpan(At(around, y + around, z + around)));
        smooth = Array.ConvertAll(labels, label => label == 0 ? 0f : 1f);
        smooth = Blurred(smooth, 1, width, mm.X);
        smooth = Blurred(smooth, width, height, mm.Y);
        smooth = Blurred(smooth, width * height, depth, mm.Z);
        near = Near();
    }

    /// <summary>Its extent in mm; it lies from 0 to there.</summary>
    public Vector3 Extent => spacing * new Vector3(width - 1, height - 1, depth - 1);

    /// <summary>Half of the smallest voxel in mm: no voxel is jumped over.</summary>
    public float Step => Math.Min(spacing.X, Math.Min(spacing.Y, spacing.Z)) / 2;

    /// <summary>The share of tissue at a place inside.</summary>
    public float Tissue(Vector3 place)
    {
        var (at, between) = Cell(place);
        if (!near[at])
            return 0;
        var share = 0f;
        for (var corner = 0; corner < 8; corner++)
            if (labels[at + Corner(corner)] != 0)
                share += Weight(corner, between);
        return share;
    }

    /// <summary>The label with the largest share at a place that has tissue.</summary>
    public int Label(Vector3 place)
    {
        var (at, between) = Cell(place);
        Span<float> shares = stackalloc float[256];
        var best = 0;
        for (var corner = 0; corner < 8; corner++)
        {
            var label = labels[at + Corner(corner)];
            if (label == 0)
                continue;
            shares[label] += Weight(corner, between);
            if (best == 0 || shares[label] > shares[best])
                best = label;
        }
        return best;
    }

    /// <summary>Which way the surface looks, a vector of length 1.</summary>
    public Vector3 Normal(Vector3 place)
    {
        var step = new Vector3((float)Blur);
        float Slope(Vector3 along) => Smooth(place - step * along) - Smooth(place + step * along);
        var outwards = new Vector3(
            Slope(Vector3.UnitX),
            Slope(Vector3.UnitY),
            Slope(Vector3.UnitZ)
        );
        return outwards == Vector3.Zero ? -Vector3.UnitX : Vector3.Normalize(outwards);
    }

    private float Smooth(Vector3 place)
    {
        var (at, between) = Cell(Vector3.Clamp(place, Vector3.Zero, Extent));
        var sum = 0f;
        for (var corner = 0; corner < 8; corner++)
            sum += smooth[at + Corner(corner)] * Weight(corner, between);
        return sum;
    }

    // The voxel before a place along each axis, and how far towards the next one it lies.
    private (int At, Vector3 Between) Cell(Vector3 place)
    {
        var voxel = place / spacing;
        var x = Math.Clamp((int)voxel.X, 0, width - 2);
        var y = Math.Clamp((int)voxel.Y, 0, height - 2);
        var z = Math.Clamp((int)voxel.Z, 0, depth - 2);
        return (At(x, y, z), voxel - new Vector3(x, y, z));
    }

    private int At(int x, int y, int z) => x + width * (y + height * z);

    private int Corner(int corner) => At(corner & 1, corner >> 1 & 1, corner >> 2);

    private static float Weight(int corner, Vector3 between) =>
        ((corner & 1) == 0 ? 1 - between.X : between.X)
        * ((corner & 2) == 0 ? 1 - between.Y : between.Y)
        * ((corner & 4) == 0 ? 1 - between.Z : between.Z);

    // Whether any corner of a cell has tissue: most of the way a ray asks no more than that.
    private bool[] Near()
    {
        var found = new bool[labels.Length];
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] != 0)
                for (var corner = 0; corner < 8; corner++)
                    found[i - Corner(corner)] = true;
        return found;
    }

    // The mean along an axis of the voxels within the blur.
    private static float[] Blurred(float[] values, int stride, int length, double millimetres)
    {
        var reach = (int)Math.Round(Blur / millimetres);
        if (reach == 0)
            return values;
        var blurred = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var place = i / stride % length;
            var sum = 0f;
            for (var j = Math.Max(-reach, -place); j <= Math.Min(reach, length - 1 - place); j++)
                sum += values[i + j * stride];
            blurred[i] = sum / (2 * reach + 1);
        }
        return blurred;
    }
}

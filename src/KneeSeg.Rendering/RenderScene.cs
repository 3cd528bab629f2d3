using System.Numerics;
using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>
/// Labels as a density in mm: the labeled share is interpolated between the centers of voxels.
/// Axes run to Posterior, Inferior, Right.
/// </summary>
internal sealed class RenderScene
{
    // Normals are those of the density blurred by about so many mm: slices are thick, and steps would show.
    private const double Blur = 1.0;

    private readonly int width;
    private readonly int height;
    private readonly int depth;
    private readonly Vector3 spacing;
    private readonly Vector3 perMillimeter;
    private readonly byte[] labels;
    private readonly float[] solid;
    private readonly float[] smooth;
    private readonly int[] corners;
    private readonly ushort[] walls;

    /// <summary>Of a volume in model space, or the part of it that is looked at.</summary>
    /// <param name="volume">The labels.</param>
    /// <param name="first">The first voxel of the part.</param>
    /// <param name="size">The voxels of the part.</param>
    public RenderScene(Volume<byte> volume, Size3 first, Size3 size)
    {
        // Two empty voxels around, so that no surface is cut open and every neighbor exists.
        const int around = 2;
        (width, height, depth) = (size.X + 2 * around, size.Y + 2 * around, size.Z + 2 * around);
        var mm = volume.Grid.Spacing;
        spacing = new((float)mm.X, (float)mm.Y, (float)mm.Z);
        perMillimeter = Vector3.One / spacing;
        labels = new byte[width * height * depth];
        var all = volume.Grid.Size;
        for (var z = 0; z < size.Z; z++)
        for (var y = 0; y < size.Y; y++)
            volume
                .Voxels.AsSpan(first.X + all.X * (first.Y + y + all.Y * (first.Z + z)), size.X)
                .CopyTo(labels.AsSpan(At(around, y + around, z + around)));
        corners = [.. Enumerable.Range(0, 8).Select(i => At(i & 1, i >> 1 & 1, i >> 2))];
        walls = Walls();
        solid = Array.ConvertAll(labels, label => label == 0 ? 0f : 1f);
        smooth = Blurred(solid, 1, width, mm.X);
        smooth = Blurred(smooth, width, height, mm.Y);
        smooth = Blurred(smooth, width * height, depth, mm.Z);
    }

    /// <summary>Its extent in mm; it lies from 0 to there.</summary>
    public Vector3 Extent => spacing * new Vector3(width - 1, height - 1, depth - 1);

    /// <summary>Less than the smallest voxel, in mm: a ray that goes no further at once jumps over none.</summary>
    public float Step => 0.75f * Math.Min(spacing.X, Math.Min(spacing.Y, spacing.Z));

    /// <summary>How many mm in a direction pass no more than one wall between voxels.</summary>
    public float Pace(Vector3 forward) => 1 / Vector3.Dot(Vector3.Abs(forward), perMillimeter);

    /// <summary>The corners of all labeled voxels.</summary>
    public IEnumerable<Vector3> Places() =>
        from at in Enumerable.Range(0, labels.Length)
        where labels[at] != 0
        let voxel = new Vector3(at % width, at / width % height, at / width / height)
        from corner in Enumerable.Range(0, 8)
        select (
            voxel + new Vector3((corner & 1) - 0.5f, (corner >> 1 & 1) - 0.5f, (corner >> 2) - 0.5f)
        ) * spacing;

    /// <summary>The labeled share at a point, and the number of cells, in any direction, within which it is 0.</summary>
    public float Density(Vector3 place, out int empty)
    {
        var (at, between) = Cell(place);
        // The first walls along the three axes may be close.
        empty = walls[at] - 2;
        return walls[at] > 0 ? 0 : Interpolated(solid, at, between);
    }

    /// <summary>The label with the largest share at a point.</summary>
    public int Label(Vector3 place)
    {
        var (at, between) = Cell(place);
        var (best, most) = (0, 0f);
        foreach (var corner in corners)
            if (labels[at + corner] is not 0 and var label && label != best)
            {
                var share = 0f;
                for (var i = 0; i < corners.Length; i++)
                    if (labels[at + corners[i]] == label)
                        share += Weight(i, between);
                if (share > most)
                    (best, most) = (label, share);
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
        return Interpolated(smooth, at, between);
    }

    private float Interpolated(float[] values, int at, Vector3 between)
    {
        var (down, behind) = (width, width * height);
        var near = Mix(Along(at), Along(at + down), between.Y);
        return Mix(near, Mix(Along(at + behind), Along(at + behind + down), between.Y), between.Z);

        float Along(int i) => Mix(values[i], values[i + 1], between.X);
        static float Mix(float a, float b, float share) => a + share * (b - a);
    }

    // The voxel before a place along each axis, and how far towards the next one it lies.
    private (int At, Vector3 Between) Cell(Vector3 place)
    {
        var voxel = place * perMillimeter;
        var x = Math.Clamp((int)voxel.X, 0, width - 2);
        var y = Math.Clamp((int)voxel.Y, 0, height - 2);
        var z = Math.Clamp((int)voxel.Z, 0, depth - 2);
        return (At(x, y, z), voxel - new Vector3(x, y, z));
    }

    private int At(int x, int y, int z) => x + width * (y + height * z);

    private static float Weight(int corner, Vector3 between) =>
        ((corner & 1) == 0 ? 1 - between.X : between.X)
        * ((corner & 2) == 0 ? 1 - between.Y : between.Y)
        * ((corner & 4) == 0 ? 1 - between.Z : between.Z);

    // The distance, in cells, from a cell to the nearest one with a labeled corner.
    private ushort[] Walls()
    {
        var steps = new ushort[labels.Length];
        Array.Fill(steps, (ushort)(width + height + depth));
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] != 0)
                foreach (var corner in corners)
                    steps[i - corner] = 0;
        Spread(1, width);
        Spread(width, height);
        Spread(width * height, depth);
        return steps;

        void Spread(int stride, int length)
        {
            for (var i = 0; i < steps.Length; i++)
                if (i / stride % length > 0)
                    steps[i] = (ushort)Math.Min(steps[i], steps[i - stride] + 1);
            for (var i = steps.Length - 1; i >= 0; i--)
                if (i / stride % length < length - 1)
                    steps[i] = (ushort)Math.Min(steps[i], steps[i + stride] + 1);
        }
    }

    // The mean along an axis of the voxels within the blur.
    private static float[] Blurred(float[] values, int stride, int length, double millimeters)
    {
        var reach = (int)Math.Round(Blur / millimeters);
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

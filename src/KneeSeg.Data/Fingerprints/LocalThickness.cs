using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Data.Fingerprints;

/// <summary>
/// How thick a structure is where its voxels are: the shortest of the three runs of voxels through each, along the axes. Exact for
/// sheets across an axis; a sheet at 45 degrees to two axes seems thicker by a factor of 1.4.
/// </summary>
internal static class LocalThickness
{
    // An axis along which fewer voxels are thinnest says little.
    private const double LeastShare = 0.1;

    /// <summary>Measures a label.</summary>
    /// <param name="labels">In model orientation.</param>
    /// <param name="label">One that occurs.</param>
    /// <returns>
    /// The median thickness in mm; and along depth, height and width the median in voxels of those voxels that are thinnest along
    /// this axis, null where hardly any is.
    /// </returns>
    public static (double Millimeters, double?[] Voxels) Of(Volume<byte> labels, byte label)
    {
        var box = VoxelBox.Around(labels, label);
        var (size, spacing) = (box.Size, labels.Grid.Spacing);
        var inside = Inside(labels, label, box);
        int[][] runs =
        [
            Runs(inside, size.X, 1),
            Runs(inside, size.Y, size.X),
            Runs(inside, size.Z, size.X * size.Y),
        ];
        List<double> thickness = [];
        List<double>[] thinnest =
        [
            [],
            [],
            [],
        ];
        for (var voxel = 0; voxel < inside.Length; voxel++)
        {
            if (!inside[voxel])
                continue;
            var axis = 0;
            for (var other = 1; other < 3; other++)
                if (runs[other][voxel] * spacing[other] < runs[axis][voxel] * spacing[axis])
                    axis = other;
            thickness.Add(runs[axis][voxel] * spacing[axis]);
            thinnest[axis].Add(runs[axis][voxel]);
        }
        return (
            Median(thickness),
            [
                .. new[] { 2, 1, 0 }.Select(axis =>
                    thinnest[axis].Count >= LeastShare * thickness.Count
                        ? (double?)Median(thinnest[axis])
                        : null
                ),
            ]
        );
    }

    private static bool[] Inside(Volume<byte> labels, byte label, VoxelBox box)
    {
        var (size, whole) = (box.Size, labels.Grid.Size);
        var inside = new bool[size.Count];
        for (var z = 0; z < size.Z; z++)
        for (var y = 0; y < size.Y; y++)
        {
            var row = box.MinX + whole.X * (box.MinY + y + whole.Y * (box.MinZ + z));
            for (var x = 0; x < size.X; x++)
                inside[x + size.X * (y + size.Y * z)] = labels.Voxels[row + x] == label;
        }
        return inside;
    }

    // Of each voxel inside, the length of the run that it lies in.
    private static int[] Runs(bool[] inside, int length, int stride)
    {
        var runs = new int[inside.Length];
        for (var voxel = 0; voxel < inside.Length; voxel++)
        {
            var isFirst = voxel / stride % length == 0 || !inside[voxel - stride];
            if (!inside[voxel] || !isFirst)
                continue;
            var run = 1;
            while (voxel / stride % length + run < length && inside[voxel + run * stride])
                run++;
            for (var i = 0; i < run; i++)
                runs[voxel + i * stride] = run;
        }
        return runs;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
    }
}

using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Reports.Viewer;

/// <summary>
/// The part of a grid that a page shows: a box, of whose finest axes it takes every second, fourth … voxel where there are
/// too many.
/// </summary>
internal sealed class CroppedGrid
{
    private readonly Size3 whole;
    private readonly VoxelBox box;
    private readonly int[] steps = [1, 1, 1];

    /// <summary>A part of a grid.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="box">Which part.</param>
    /// <param name="mostVoxels">So many at most.</param>
    public CroppedGrid(Grid grid, VoxelBox box, long mostVoxels)
    {
        (whole, this.box) = (grid.Size, box);
        while (Size.Count > mostVoxels)
            steps[
                Enumerable
                    .Range(0, 3)
                    .Where(axis => Size[axis] > 1)
                    .MinBy(axis => grid.Spacing[axis] * steps[axis])
            ] *= 2;
        Point3 Step(int axis) => steps[axis] * grid.Affine.Step(axis);
        Grid = new(
            Size,
            Affine.FromColumns(
                Step(0),
                Step(1),
                Step(2),
                grid.Affine.Apply(box.MinX, box.MinY, box.MinZ)
            )
        );
    }

    /// <summary>The grid of what is left.</summary>
    public Grid Grid { get; }

    private Size3 Size => new(Length(0), Length(1), Length(2));

    /// <summary>What is left of labels, or of a map of them.</summary>
    public Volume<T> Of<T>(Volume<T> volume)
        where T : unmanaged
    {
        var (size, at, voxels) = (Grid.Size, 0, new T[Grid.Size.Count]);
        for (var k = 0; k < size.Z; k++)
        for (var j = 0; j < size.Y; j++)
        {
            var row =
                box.MinX
                + (long)whole.X
                    * (box.MinY + j * steps[1] + (long)whole.Y * (box.MinZ + k * steps[2]));
            for (var i = 0; i < size.X; i++)
                voxels[at++] = volume.Voxels[row + i * steps[0]];
        }
        return new(Grid, voxels);
    }

    /// <summary>What is left of an image, whose voxels left out are averaged into their neighbors.</summary>
    public Volume<float> OfImage(Volume<float> image)
    {
        var smooth = image;
        for (var axis = 0; axis < 3; axis++)
            if (steps[axis] > 1)
                smooth = Smoothed(smooth, axis);
        return Of(smooth);
    }

    private int Length(int axis) => (box.Size[axis] - 1) / steps[axis] + 1;

    // The mean over the neighbors along an axis that are nearer than a step, weighted by nearness, at the voxels that are kept.
    private Volume<float> Smoothed(Volume<float> image, int axis)
    {
        var (step, size) = (steps[axis], image.Grid.Size);
        var stride = axis switch
        {
            0 => 1,
            1 => size.X,
            _ => size.X * size.Y,
        };
        var first = axis switch
        {
            0 => box.MinX,
            1 => box.MinY,
            _ => box.MinZ,
        };
        var voxels = (float[])image.Voxels.Clone();
        Parallel.For(
            0,
            size.Count / size[axis],
            line =>
            {
                var start = line / stride * stride * size[axis] + line % stride;
                for (var at = first; at < size[axis]; at += step)
                {
                    var (sum, weights) = (0.0, 0);
                    for (var by = 1 - step; by < step; by++)
                        if ((uint)(at + by) < (uint)size[axis])
                        {
                            var weight = step - Math.Abs(by);
                            sum += weight * image.Voxels[start + (at + by) * stride];
                            weights += weight;
                        }
                    voxels[start + at * stride] = (float)(sum / weights);
                }
            }
        );
        return image with { Voxels = voxels };
    }
}

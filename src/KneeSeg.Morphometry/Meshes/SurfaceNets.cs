using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Morphometry.Meshes;

/// <summary>
/// The closed surface of each structure in a label volume, by surface nets (Gibson 1998): a vertex at each corner of voxels
/// where structures meet, which neighbors share. Vertices are smoothed (Taubin 1995), but stay within half a voxel, so that no
/// thin sheet is lost. For pictures and simulation, not for measuring.
/// </summary>
public static class SurfaceNets
{
    private const int Passes = 10;

    // Towards the neighbors' mean and back, so that nothing shrinks.
    private const float Inwards = .5f;
    private const float Outwards = -.53f;

    // How far a vertex may be from its corner along each axis, in voxels.
    private const float Farthest = .5f;

    /// <summary>The surface of each label but the background.</summary>
    public static IReadOnlyDictionary<byte, SurfaceMesh> Of(Volume<byte> labels)
    {
        var box = VoxelBox.AroundForeground(labels);
        if (box.IsEmpty)
            return new Dictionary<byte, SurfaceMesh>();
        var corners = new VoxelCorners(labels, box);
        var net = new Net(corners);
        for (var pass = 0; pass < Passes; pass++)
        {
            net.Smooth(Inwards);
            net.Smooth(Outwards);
        }
        return net.Bodies(labels.Grid.Affine);
    }

    /// <summary>The labels of a box with one voxel of background around it.</summary>
    private sealed class VoxelCorners
    {
        private readonly VoxelBox box;

        public VoxelCorners(Volume<byte> labels, VoxelBox box)
        {
            this.box = box;
            Size = new(box.Size.X + 2, box.Size.Y + 2, box.Size.Z + 2);
            Labels = new byte[Size.Count];
            var from = labels.Grid.Size;
            for (var k = 0; k < box.Size.Z; k++)
            for (var j = 0; j < box.Size.Y; j++)
                labels
                    .Voxels.AsSpan(
                        box.MinX + from.X * (box.MinY + j + from.Y * (box.MinZ + k)),
                        box.Size.X
                    )
                    .CopyTo(Labels.AsSpan(1 + Size.X * (j + 1 + Size.Y * (k + 1))));
            Steps = [1, Size.X, Size.X * Size.Y];
        }

        public Size3 Size { get; }

        public byte[] Labels { get; }

        /// <summary>To the next voxel along each axis.</summary>
        public int[] Steps { get; }

        /// <summary>The voxel of the volume, in fractions, at which the corner before a voxel of the box lies.</summary>
        public (float X, float Y, float Z) Place(int voxel)
        {
            var (rest, i) = Math.DivRem(voxel, Size.X);
            var (k, j) = Math.DivRem(rest, Size.Y);
            return (box.MinX + i - 1.5f, box.MinY + j - 1.5f, box.MinZ + k - 1.5f);
        }

        /// <summary>Whether the eight voxels around the corner before a voxel differ.</summary>
        public bool IsMixed(int voxel) =>
            AreMixed(voxel, Steps[0], Steps[1])
            || AreMixed(voxel - Steps[2], Steps[0], Steps[1])
            || Labels[voxel] != Labels[voxel - Steps[2]];

        /// <summary>Whether four voxels, before a voxel along two axes, differ.</summary>
        public bool AreMixed(int voxel, int first, int second)
        {
            var label = Labels[voxel];
            return Labels[voxel - first] != label
                || Labels[voxel - second] != label
                || Labels[voxel - first - second] != label;
        }
    }

    /// <summary>A vertex for each corner where voxels differ.</summary>
    private sealed class Net
    {
        private readonly VoxelCorners corners;

        // Of each corner, its vertex, or −1.
        private readonly int[] vertices;

        // The corner of each vertex, the neighbors along each axis before and after it, and how far it is from its corner.
        private readonly int[] corner;
        private readonly int[] neighbors;
        private float[] offsets;

        public Net(VoxelCorners corners)
        {
            this.corners = corners;
            vertices = new int[corners.Labels.Length];
            Array.Fill(vertices, -1);
            List<int> found = [];
            var size = corners.Size;
            for (var k = 1; k < size.Z; k++)
            for (var j = 1; j < size.Y; j++)
            {
                var row = size.X * (j + size.Y * k);
                for (var voxel = row + 1; voxel < row + size.X; voxel++)
                    if (corners.IsMixed(voxel))
                    {
                        vertices[voxel] = found.Count;
                        found.Add(voxel);
                    }
            }
            corner = [.. found];
            neighbors = new int[6 * corner.Length];
            offsets = new float[3 * corner.Length];
            Parallel.For(
                0,
                corner.Length,
                vertex =>
                {
                    for (var axis = 0; axis < 3; axis++)
                        FindNeighbors(vertex, axis);
                    Center(vertex);
                }
            );
        }

        /// <summary>Moves each vertex by a share of the way to the mean of its neighbors.</summary>
        public void Smooth(float share)
        {
            var moved = new float[offsets.Length];
            var steps = corners.Steps;
            Parallel.For(
                0,
                corner.Length,
                vertex =>
                {
                    Span<float> mean = [0, 0, 0];
                    var count = 0;
                    for (var n = 0; n < 6; n++)
                    {
                        if (neighbors[6 * vertex + n] is not (>= 0 and var other))
                            continue;
                        count++;
                        for (var axis = 0; axis < 3; axis++)
                            mean[axis] += offsets[3 * other + axis];
                        mean[n / 2] += n % 2 == 0 ? -1 : 1;
                    }
                    for (var axis = 0; axis < 3; axis++)
                    {
                        var here = offsets[3 * vertex + axis];
                        var there = count == 0 ? here : here + share * (mean[axis] / count - here);
                        moved[3 * vertex + axis] = Math.Clamp(there, -Farthest, Farthest);
                    }
                }
            );
            offsets = moved;
        }

        /// <summary>The triangles between each label and others.</summary>
        public IReadOnlyDictionary<byte, SurfaceMesh> Bodies(Affine affine)
        {
            var quads = new List<(int A, int B, int C, int D)>[256];
            for (var axis = 0; axis < 3; axis++)
                AddFaces(axis, quads);
            // In a mirrored grid, counterclockwise is clockwise.
            var isMirrored = affine.Determinant < 0;
            Point3 At(int vertex)
            {
                var (x, y, z) = corners.Place(corner[vertex]);
                var offset = offsets.AsSpan(3 * vertex, 3);
                return affine.Apply(x + offset[0], y + offset[1], z + offset[2]);
            }
            var bodies = new Dictionary<byte, SurfaceMesh>();
            var own = new int[corner.Length];
            for (var label = 1; label < quads.Length; label++)
                if (quads[label] is { } faces)
                    bodies.Add((byte)label, Body(faces, own, At, isMirrored));
            return bodies;
        }

        private static SurfaceMesh Body(
            List<(int A, int B, int C, int D)> faces,
            int[] own,
            Func<int, Point3> at,
            bool isMirrored
        )
        {
            Array.Fill(own, -1);
            List<Point3> points = [];
            int Own(int vertex)
            {
                if (own[vertex] < 0)
                {
                    own[vertex] = points.Count;
                    points.Add(at(vertex));
                }
                return own[vertex];
            }
            var triangles = new Triangle[2 * faces.Count];
            for (var n = 0; n < faces.Count; n++)
            {
                var (a, b, c, d) = (
                    Own(faces[n].A),
                    Own(faces[n].B),
                    Own(faces[n].C),
                    Own(faces[n].D)
                );
                if (isMirrored)
                    (b, d) = (d, b);
                // Along the shorter diagonal.
                var isFirst = (points[a] - points[c]).Length <= (points[b] - points[d]).Length;
                triangles[2 * n] = isFirst ? new(a, b, c) : new(a, b, d);
                triangles[2 * n + 1] = isFirst ? new(a, c, d) : new(b, c, d);
            }
            return new([.. points], triangles, []);
        }

        // Each pair of voxels that differ along an axis has a face of four corners.
        private void AddFaces(int axis, List<(int, int, int, int)>[] quads)
        {
            var (labels, steps) = (corners.Labels, corners.Steps);
            var (step, next, after) = (steps[axis], steps[(axis + 1) % 3], steps[(axis + 2) % 3]);
            for (var voxel = step; voxel < labels.Length; voxel++)
            {
                var (before, here) = (labels[voxel - step], labels[voxel]);
                if (before == here)
                    continue;
                var (a, b, c, d) = (
                    vertices[voxel],
                    vertices[voxel + next],
                    vertices[voxel + next + after],
                    vertices[voxel + after]
                );
                if (before != 0)
                    (quads[before] ??= []).Add((a, b, c, d));
                if (here != 0)
                    (quads[here] ??= []).Add((a, d, c, b));
            }
        }

        private void FindNeighbors(int vertex, int axis)
        {
            var (voxel, steps) = (corner[vertex], corners.Steps);
            var (first, second) = (steps[(axis + 1) % 3], steps[(axis + 2) % 3]);
            neighbors[6 * vertex + 2 * axis] = corners.AreMixed(voxel - steps[axis], first, second)
                ? vertices[voxel - steps[axis]]
                : -1;
            neighbors[6 * vertex + 2 * axis + 1] = corners.AreMixed(voxel, first, second)
                ? vertices[voxel + steps[axis]]
                : -1;
        }

        // To the mean of the points where structures change between two of the eight voxels.
        private void Center(int vertex)
        {
            var (voxel, steps) = (corner[vertex], corners.Steps);
            Span<float> sum = [0, 0, 0];
            var count = 0;
            for (var axis = 0; axis < 3; axis++)
            {
                var (other, third) = ((axis + 1) % 3, (axis + 2) % 3);
                for (var n = 0; n < 4; n++)
                {
                    var (u, v) = (n & 1, n >> 1);
                    var at = voxel - u * steps[other] - v * steps[third];
                    if (corners.Labels[at] == corners.Labels[at - steps[axis]])
                        continue;
                    count++;
                    sum[other] += .5f - u;
                    sum[third] += .5f - v;
                }
            }
            for (var axis = 0; axis < 3; axis++)
                offsets[3 * vertex + axis] = sum[axis] / count;
        }
    }
}

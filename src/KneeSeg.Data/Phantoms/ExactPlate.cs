using System.Numerics;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// A cartilage plate measured as a function of space, without voxels: roots along rays and normals by bisection, integrals
/// over cells of the rays. Lengths are in mm.
/// </summary>
internal sealed class ExactPlate
{
    // Bisection ends here.
    private const float Tolerance = 1e-4f;

    // How far apart the values of a derivative are: numbers have 24 bits.
    private const float Difference = .05f;

    // Cartilage that is thinner is none, and the longest that is looked at.
    private const float Thinnest = .001f;
    private const float Thickest = 12;

    // No cartilage is so far above its bone, in the values of the bone's function.
    private const float Reach = 7;

    // Between samples along a normal, and along a ray.
    private const float Step = .3f;
    private const float ColumnStep = .2f;

    // So many cells beside the bone of a plate its cartilage may still be.
    private const int Overhang = 12;

    private readonly RayGrid rays;
    private readonly Func<Vector3, float> bone;
    private readonly BoneElement[] elements;

    // Of each cell near the plate, the nearest one of it; else −1.
    private readonly int[] nearest;

    /// <summary>Finds the bone below a plate.</summary>
    /// <param name="rays">Rays that reach all of it.</param>
    /// <param name="bone">Negative in the bone, and about the distance to it.</param>
    /// <param name="isOverPlate">Whether a place just above the bone is over the plate.</param>
    public ExactPlate(RayGrid rays, Func<Vector3, float> bone, Func<Vector3, bool> isOverPlate)
    {
        (this.rays, this.bone) = (rays, bone);
        elements = new BoneElement[rays.Count];
        Parallel.For(
            0,
            rays.Count,
            cell =>
            {
                var ray = rays[cell];
                if (DepthOfBone(ray) is not { } depth)
                    return;
                var position = ray.At(depth);
                var normal = Vector3.Normalize(Gradient(position));
                if (!isOverPlate(position + 2 * Thinnest * normal))
                    return;
                var facing = Math.Abs(Vector3.Dot(normal, ray.Direction));
                elements[cell] = new(position, normal, ray.CellAt(depth) / facing);
            }
        );
        nearest = NearestOfPlate();
    }

    /// <summary>The bone without cartilage.</summary>
    public IReadOnlyList<CartilageElement> Bare =>
        Elements(new float[rays.Count], new double[rays.Count]);

    /// <summary>The cartilage over each piece of the bone.</summary>
    /// <param name="has">Whether the cartilage is at a place.</param>
    /// <returns>In the same order each time.</returns>
    public IReadOnlyList<CartilageElement> Measure(Func<Vector3, bool> has)
    {
        var thickness = new float[rays.Count];
        var volumes = new double[rays.Count];
        Parallel.For(
            0,
            rays.Count,
            () => new double[rays.Count],
            (cell, _, own) =>
            {
                if (elements[cell].Area > 0)
                    thickness[cell] = Thickness(elements[cell], has);
                AddColumn(cell, has, own);
                return own;
            },
            own =>
            {
                lock (volumes)
                    for (var cell = 0; cell < volumes.Length; cell++)
                        volumes[cell] += own[cell];
            }
        );
        return Elements(thickness, volumes);
    }

    private IReadOnlyList<CartilageElement> Elements(float[] thickness, double[] volumes) =>
        [
            .. Enumerable
                .Range(0, rays.Count)
                .Where(cell => elements[cell].Area > 0)
                .Select(cell => new CartilageElement(
                    (cell % rays.Columns, cell / rays.Columns),
                    elements[cell],
                    thickness[cell],
                    volumes[cell]
                )),
        ];

    private float? DepthOfBone(BoneRay ray)
    {
        var (before, at) = (0f, 0f);
        for (var value = bone(ray.Start); value > 0; value = bone(ray.At(at)))
        {
            // The function is no exact distance.
            (before, at) = (at, at + Math.Max(Difference, value / 2));
            if (at > ray.Length)
                return null;
        }
        return Bisect(before, at, distance => bone(ray.At(distance)) > 0);
    }

    private Vector3 Gradient(Vector3 place)
    {
        float Along(Vector3 axis) =>
            bone(place + Difference * axis) - bone(place - Difference * axis);
        return new Vector3(Along(Vector3.UnitX), Along(Vector3.UnitY), Along(Vector3.UnitZ))
            / (2 * Difference);
    }

    private static float Thickness(BoneElement element, Func<Vector3, bool> has)
    {
        bool Has(float height) => has(element.Position + height * element.Normal);
        if (!Has(Thinnest))
            return 0;
        var (before, height) = (Thinnest, Step);
        while (Has(height) && height < Thickest)
            (before, height) = (height, height + Step);
        return Bisect(before, height, Has);
    }

    // Adds the cartilage along a ray to the cells whose normals it lies on.
    private void AddColumn(int cell, Func<Vector3, bool> has, double[] volumes)
    {
        if (nearest[cell] < 0)
            return;
        var ray = rays[cell];
        // Samples begin anywhere within a step, so that the steps of all columns even out.
        var at = ColumnStep * (float)(cell * .6180339887498949 % 1);
        while (at < ray.Length)
        {
            var place = ray.At(at);
            var value = bone(place);
            if (value <= 0)
                return;
            if (value > Reach)
            {
                at += ColumnStep * MathF.Ceiling((value - Reach) / 2 / ColumnStep);
                continue;
            }
            if (has(place) && PlateCellOf(Foot(place, value)) is >= 0 and var to)
                volumes[to] += ray.CellAt(at) * ColumnStep;
            at += ColumnStep;
        }
    }

    private int PlateCellOf(Vector3 foot) =>
        rays.CellOf(foot) is >= 0 and var cell ? nearest[cell] : -1;

    private Vector3 Foot(Vector3 place, float value)
    {
        float Along(Vector3 axis) => (bone(place + Difference * axis) - value) / Difference;
        var gradient = new Vector3(
            Along(Vector3.UnitX),
            Along(Vector3.UnitY),
            Along(Vector3.UnitZ)
        );
        return place - value / gradient.LengthSquared() * gradient;
    }

    private int[] NearestOfPlate()
    {
        var (found, queue) = (new int[rays.Count], new Queue<(int Cell, int Steps)>());
        Array.Fill(found, -1);
        for (var cell = 0; cell < found.Length; cell++)
            if (elements[cell].Area > 0)
            {
                found[cell] = cell;
                queue.Enqueue((cell, 0));
            }
        while (queue.TryDequeue(out var at) && at.Steps < Overhang)
            foreach (var step in (int[])[-1, 1, -rays.Columns, rays.Columns])
                if (at.Cell + step is >= 0 and var next && next < found.Length && found[next] < 0)
                {
                    found[next] = found[at.Cell];
                    queue.Enqueue((next, at.Steps + 1));
                }
        return found;
    }

    // Where a condition ends to hold, of which it is known before and after.
    private static float Bisect(float holds, float fails, Func<float, bool> condition)
    {
        while (fails - holds > Tolerance)
        {
            var middle = (holds + fails) / 2;
            if (condition(middle))
                holds = middle;
            else
                fails = middle;
        }
        return (holds + fails) / 2;
    }
}

/// <summary>A piece of the bone below a cartilage plate.</summary>
/// <param name="Position">Its middle.</param>
/// <param name="Normal">Into the joint.</param>
/// <param name="Area">In mm²; 0 for what is no bone of the plate.</param>
internal readonly record struct BoneElement(Vector3 Position, Vector3 Normal, double Area);

/// <summary>The cartilage over a piece of bone.</summary>
/// <param name="Place">The column and row of its ray.</param>
/// <param name="Bone">The piece.</param>
/// <param name="Thickness">Along the bone's normal, mm; 0 where the bone is denuded.</param>
/// <param name="Volume">Of what is nearest to this piece, mm³.</param>
internal readonly record struct CartilageElement(
    (int Column, int Row) Place,
    BoneElement Bone,
    double Thickness,
    double Volume
)
{
    /// <summary>As measures take it, in RAS+ mm; places are to posterior, inferior and right.</summary>
    public PlateCell Cell
    {
        get
        {
            var (position, normal) = (Ras(Bone.Position), Ras(Bone.Normal));
            return new(
                Place,
                // Its place in a chart is found when it becomes part of a plate.
                default,
                position,
                normal,
                Bone.Area,
                Bone.Area,
                Thickness > 0 ? Bone.Area : 0,
                0,
                Thickness,
                Thickness
            );
        }
    }

    private static Point3 Ras(Vector3 vector) => new(vector.Z, -vector.X, -vector.Y);
}

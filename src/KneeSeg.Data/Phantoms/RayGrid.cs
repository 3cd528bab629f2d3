using System.Numerics;

namespace KneeSeg.Data.Phantoms;

/// <summary>Rays that run into a bone from its joint, one for each cell of a plane or of a cylinder.</summary>
/// <param name="columns">Cells along the first axis.</param>
/// <param name="rows">Cells along the second axis.</param>
internal abstract class RayGrid(int columns, int rows)
{
    public int Columns => columns;

    public int Count => columns * rows;

    /// <summary>The ray of a cell: anywhere in it, so that outlines along rows and columns even out.</summary>
    public BoneRay this[int cell] =>
        At(
            cell % columns + (float)(cell * .7548776662466927 % 1),
            cell / columns + (float)(cell * .5698402909980532 % 1)
        );

    /// <summary>The cell that a place lies in, seen along the rays; −1 beyond all.</summary>
    public int CellOf(Vector3 place)
    {
        var (column, row) = Coordinates(place);
        var (i, j) = ((int)Math.Floor(column), (int)Math.Floor(row));
        return i >= 0 && i < columns && j >= 0 && j < rows ? i + columns * j : -1;
    }

    protected abstract BoneRay At(float column, float row);

    protected abstract (double Column, double Row) Coordinates(Vector3 place);
}

/// <summary>A ray into a bone.</summary>
/// <param name="Start">Where it starts, in the joint or beyond.</param>
/// <param name="Direction">Of length 1.</param>
/// <param name="Length">As far as it goes, mm.</param>
/// <param name="Cell">The area of its cell at the start, mm².</param>
/// <param name="Narrowing">The share of it that is lost with each mm.</param>
internal readonly record struct BoneRay(
    Vector3 Start,
    Vector3 Direction,
    float Length,
    double Cell,
    double Narrowing
)
{
    public Vector3 At(float distance) => Start + distance * Direction;

    /// <summary>The area of its cell at a distance, mm².</summary>
    public double CellAt(float distance) => Cell * (1 - Narrowing * distance);
}

/// <summary>Parallel rays.</summary>
/// <param name="start">Where the middle one starts.</param>
/// <param name="direction">Into the bone, of length 1.</param>
/// <param name="along">The first axis: of length 1, and perpendicular.</param>
/// <param name="half">Half the extent along both axes, mm.</param>
/// <param name="length">Of the rays, mm.</param>
/// <param name="cell">The width of a cell, mm.</param>
internal sealed class ParallelRays(
    Vector3 start,
    Vector3 direction,
    Vector3 along,
    Vector2 half,
    float length,
    float cell
) : RayGrid((int)(2 * half.X / cell), (int)(2 * half.Y / cell))
{
    private readonly Vector3 across = Vector3.Cross(direction, along);

    protected override BoneRay At(float column, float row) =>
        new(
            start + (column * cell - half.X) * along + (row * cell - half.Y) * across,
            direction,
            length,
            cell * cell,
            0
        );

    protected override (double Column, double Row) Coordinates(Vector3 place)
    {
        var from = place - start;
        return (
            (Vector3.Dot(from, along) + half.X) / cell,
            (Vector3.Dot(from, across) + half.Y) / cell
        );
    }
}

/// <summary>Rays towards an axis.</summary>
/// <param name="center">On the axis, at its middle.</param>
/// <param name="axis">The axis: the first one of the cells, of length 1.</param>
/// <param name="zero">Where the angle is 0: of length 1, and perpendicular.</param>
/// <param name="angles">The angles between which rays are.</param>
/// <param name="half">Half the extent along the axis, mm.</param>
/// <param name="radius">Where the rays start, mm from the axis.</param>
/// <param name="cell">The width of a cell along the axis, and around it where a knee's femur is, mm.</param>
internal sealed class RadialRays(
    Vector3 center,
    Vector3 axis,
    Vector3 zero,
    (float From, float To) angles,
    float half,
    float radius,
    float cell
) : RayGrid((int)(2 * half / cell), (int)((angles.To - angles.From) / (cell / Femur)))
{
    private const float Femur = 25;
    private const float Innermost = 5;

    private readonly float turn = cell / Femur;
    private readonly Vector3 quarter = Vector3.Cross(axis, zero);

    protected override BoneRay At(float column, float row)
    {
        var (sine, cosine) = MathF.SinCos(angles.From + row * turn);
        var outward = cosine * zero + sine * quarter;
        return new(
            center + (column * cell - half) * axis + radius * outward,
            -outward,
            radius - Innermost,
            radius * turn * cell,
            1 / radius
        );
    }

    protected override (double Column, double Row) Coordinates(Vector3 place)
    {
        var from = place - center;
        var angle = MathF.Atan2(Vector3.Dot(from, quarter), Vector3.Dot(from, zero));
        if (angle < angles.From)
            angle += 2 * MathF.PI;
        return ((Vector3.Dot(from, axis) + half) / cell, (angle - angles.From) / turn);
    }
}

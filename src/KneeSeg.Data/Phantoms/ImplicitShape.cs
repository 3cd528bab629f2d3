using System.Numerics;

namespace KneeSeg.Data.Phantoms;

/// <summary>Bodies as signed distances in mm, negative inside, and how they are joined.</summary>
internal static class ImplicitShape
{
    /// <summary>An ellipsoid along the axes; exact to first order near its surface.</summary>
    public static float Ellipsoid(Vector3 place, Vector3 center, Vector3 radii)
    {
        var q = (place - center) / radii;
        var inside = q.Length() + 1e-6f;
        return inside * (inside - 1) / ((q / radii).Length() + 1e-6f);
    }

    /// <summary>All places within a distance of the line between two others.</summary>
    public static float Capsule(Vector3 place, Vector3 from, Vector3 to, float radius)
    {
        var (along, away) = (to - from, place - from);
        var share = Math.Clamp(Vector3.Dot(away, along) / along.LengthSquared(), 0, 1);
        return (away - share * along).Length() - radius;
    }

    /// <summary>The union of two bodies, its seam rounded over <paramref name="width"/> mm.</summary>
    public static float Blend(float a, float b, float width)
    {
        var share = Math.Clamp(.5f + .5f * (b - a) / width, 0, 1);
        return b * (1 - share) + a * share - width * share * (1 - share);
    }

    /// <summary>From 0 at <paramref name="from"/> to 1 at <paramref name="to"/>, smooth at both.</summary>
    public static float Step(float from, float to, float x)
    {
        var t = Math.Clamp((x - from) / (to - from), 0, 1);
        return t * t * (3 - 2 * t);
    }

    /// <summary>The square.</summary>
    public static float Square(float x) => x * x;
}

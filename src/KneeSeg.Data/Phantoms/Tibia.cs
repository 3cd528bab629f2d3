using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// The upper end of the tibia: two plateaus with the spines between them, a tapering column and the
/// tuberosity in front.
/// </summary>
internal sealed record Tibia(Plateau Medial, Plateau Lateral, float FemoralCartilage, float Gap)
{
    private static readonly Vector3 Tuberosity = new(-20, 32, 3);
    private static readonly Vector3 TuberosityRadii = new(9, 14, 9);

    /// <summary>Height above the joint surface in mm, negative in the bone.</summary>
    public float Height(Vector3 place, float variation)
    {
        var lateral = Step(-5, 5, place.Z);
        var surface = float.Lerp(
            Medial.Surface(place, FemoralCartilage, Gap),
            Lateral.Surface(place, FemoralCartilage, Gap),
            lateral
        );
        var spines =
            7.5f
            * MathF.Exp(-Square((place.X - 5) / 9) - Square((Math.Abs(place.Z) - 4.5f) / 4.5f));
        var slope = 3.5f * Step(16, 27, Math.Abs(place.X - 5));
        return surface - spines + slope + .4f * variation - place.Y;
    }

    /// <summary>Distance to the bone's surface.</summary>
    public static float Bone(Vector3 place, float height)
    {
        var taper = Math.Clamp(Math.Max(place.Y - 4, 0) - 6, 0, 34);
        var (length, width) = (25.5f - .33f * taper, 37.5f - .60f * taper);
        var around = MathF.Sqrt(Square((place.X - 4) / length) + Square(place.Z / width)) - 1;
        return Blend(
            Math.Max(height, around * Math.Min(length, width)),
            Ellipsoid(place, Tuberosity, TuberosityRadii),
            6
        );
    }
}

/// <summary>One of the tibia's two joint surfaces, its cartilage and the meniscus that lies on it.</summary>
/// <param name="Lateral">Which of the two.</param>
/// <param name="Across">Its middle, mm lateral of the knee's.</param>
/// <param name="Thickness">Of its cartilage at the middle, mm.</param>
/// <param name="Meniscus">The shape of its meniscus.</param>
internal sealed record Plateau(bool Lateral, float Across, float Thickness, Meniscus Meniscus)
{
    private readonly float curvature = Lateral ? -.004f : .0045f;
    private readonly float halfLength = Lateral ? 19 : 22;
    private readonly float halfWidth = Lateral ? 13.6f : 14.2f;
    private readonly float meniscusLength = Lateral ? 16.5f : 19;
    private readonly float meniscusWidth = Lateral ? 14 : 14.5f;

    /// <summary>Its middle, mm posterior of the knee's.</summary>
    public float Behind => Lateral ? 7 : 5;

    /// <summary>How far below the middle of the joint the bone begins, mm.</summary>
    public float Surface(Vector3 place, float femoralCartilage, float gap) =>
        femoralCartilage
        + Thickness
        + gap
        - curvature * (Square(place.X - 5) + .8f * Square(place.Z - Across));

    /// <summary>Whether cartilage is at a place, its height above the bone being given in mm.</summary>
    public bool HasCartilage(Vector3 place, float height, float variation)
    {
        if (height <= 0 || height > 2 * Thickness)
            return false;
        var thickness = CartilageThickness(place, variation);
        return height < thickness && thickness > .45f;
    }

    /// <summary>Thickness of its cartilage, mm.</summary>
    public float CartilageThickness(Vector3 place, float variation)
    {
        var rho = MathF.Sqrt(
            Square((place.X - Behind) / halfLength) + Square((place.Z - Across) / halfWidth)
        );
        var dome = MathF.Sqrt(Math.Clamp(1.02f - MathF.Pow(rho, 2.6f), 0, 1));
        return Thickness * (1 + .18f * variation) * dome;
    }

    /// <summary>
    /// Whether the meniscus is at a place between the bones: a horseshoe that is open to the notch and
    /// rises to its rim.
    /// </summary>
    public bool HasMeniscus(Vector3 place, float height, float variation)
    {
        if (height <= 0)
            return false;
        var x = (place.X - Behind) / meniscusLength;
        var outward = (place.Z - Across) / (Lateral ? meniscusWidth : -meniscusWidth);
        var rho = MathF.Sqrt(x * x + outward * outward);
        if (rho is < .38f or > 1.3f)
            return false;
        var angle = MathF.Atan2(x, outward);
        var inner = Meniscus.Inner + .10f * MathF.Cos(angle) - .05f * MathF.Sin(angle);
        var outer = Meniscus.Outer + .03f * variation;
        return rho > inner
            && rho < outer
            && Math.Abs(angle) < (Lateral ? 2.6f : 2.35f)
            && height < 1.6f + Meniscus.Rise * (rho - inner) / (outer - inner);
    }
}

/// <summary>A horseshoe on a plateau, in shares of the plateau's own ellipse.</summary>
/// <param name="Inner">Where its thin edge is.</param>
/// <param name="Outer">Where its rim is.</param>
/// <param name="Rise">How much higher the rim is than the thin edge, mm.</param>
internal readonly record struct Meniscus(float Inner, float Outer, float Rise)
{
    public static Meniscus Draw(ref SplitMix64 random) =>
        new(
            (float)random.Uniform(.50, .62),
            (float)random.Uniform(1.00, 1.10),
            (float)random.Uniform(4.2, 6.0)
        );
}

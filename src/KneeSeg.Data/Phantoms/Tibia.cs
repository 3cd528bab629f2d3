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

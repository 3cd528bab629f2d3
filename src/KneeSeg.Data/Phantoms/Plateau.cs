using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>One of the tibia's two joint surfaces, its cartilage and the meniscus that lies on it.</summary>
/// <param name="Lateral">Which of the two.</param>
/// <param name="Across">Its middle, mm lateral of the knee's.</param>
/// <param name="Thickness">Of its cartilage at the middle, mm.</param>
/// <param name="Meniscus">The shape of its meniscus.</param>
internal sealed record Plateau(bool Lateral, float Across, float Thickness, Meniscus Meniscus)
{
    private readonly float behind = Lateral ? 7 : 5;
    private readonly float curvature = Lateral ? -.004f : .0045f;
    private readonly float halfLength = Lateral ? 19 : 22;
    private readonly float halfWidth = Lateral ? 13.6f : 14.2f;
    private readonly float meniscusLength = Lateral ? 16.5f : 19;
    private readonly float meniscusWidth = Lateral ? 14 : 14.5f;

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
        var rho = MathF.Sqrt(
            Square((place.X - behind) / halfLength) + Square((place.Z - Across) / halfWidth)
        );
        var dome = MathF.Sqrt(Math.Clamp(1.02f - MathF.Pow(rho, 2.6f), 0, 1));
        var thickness = Thickness * (1 + .18f * variation) * dome;
        return height < thickness && thickness > .45f;
    }

    /// <summary>
    /// Whether the meniscus is at a place between the bones: a horseshoe that is open to the notch and
    /// rises to its rim.
    /// </summary>
    public bool HasMeniscus(Vector3 place, float height, float variation)
    {
        if (height <= 0)
            return false;
        var x = (place.X - behind) / meniscusLength;
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

using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>The knee cap: an ellipsoid whose back is cut by two facets that carry cartilage.</summary>
internal sealed record Patella(Vector3 Center, float Thickness)
{
    /// <summary>How far before the facets the cartilage begins beside the bone, mm.</summary>
    public const float Overlap = .6f;

    private static readonly Vector3 Radii = new(9.5f, 20, 21.5f);

    public static Patella Draw(ref SplitMix64 random, double thickness)
    {
        var x = -40.3 - thickness + .3 * random.Uniform(-2, 2);
        var y = -38 + random.Uniform(-5, 5);
        var z = 2 + random.Uniform(-2, 3);
        return new Patella(new Vector3((float)x, (float)y, (float)z), (float)thickness);
    }

    /// <summary>How far behind the facets a place is, mm.</summary>
    public float Depth(Vector3 place) =>
        place.X - (Center.X + 8.2f - .20f * Math.Abs(place.Z - Center.Z));

    /// <summary>Distance to the bone's surface.</summary>
    public float Bone(Vector3 place, float depth) =>
        Math.Max(Ellipsoid(place, Center, Radii), .95f * depth);

    /// <summary>Thickness of the cartilage on the facets, mm.</summary>
    public float CartilageThickness(Vector3 place, float variation)
    {
        var dome =
            1.05f - Square((place.Y - Center.Y + 3) / 16) - Square((place.Z - Center.Z) / 19);
        return Thickness * (1 + .15f * variation) * MathF.Sqrt(Math.Clamp(dome, 0, 1));
    }

    /// <summary>Whether cartilage of the given thickness is at a place outside the bones.</summary>
    public bool HasCartilage(Vector3 place, float depth, float thickness) =>
        depth > -Overlap
        && depth < thickness
        && thickness > .5f
        && Math.Abs(place.Y - Center.Y) < 19;
}

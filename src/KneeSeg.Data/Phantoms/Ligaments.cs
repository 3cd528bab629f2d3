using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>The two tendons of the patella and the two cruciate ligaments.</summary>
internal sealed class Ligaments(Patella patella)
{
    private static readonly Vector3 TendonEnd = new(-27, 27, 3);

    private readonly Vector3 tendonStart = patella.Center with
    {
        X = patella.Center.X - 3,
        Y = patella.Center.Y + 15,
        Z = 2,
    };
    private readonly Vector3 quadricepsStart = patella.Center with
    {
        X = patella.Center.X - 2,
        Y = patella.Center.Y - 14,
        Z = 1,
    };
    private readonly Vector3 quadricepsEnd = new(patella.Center.X + 5, -75, 1);

    /// <summary>The signal relative to tendon; 0 outside all four.</summary>
    public float Intensity(Vector3 place)
    {
        if (Capsule(place, new(24, 8, 0), new(4, -18, -6), 4.4f) < 0)
            return 1;
        if (Capsule(place, new(-4, 2, 1), new(16, -22, 8), 3.6f) < 0)
            return 1.7f;
        return InQuadriceps(place) || InPatellarTendon(place) ? 1 : 0;
    }

    private bool InQuadriceps(Vector3 place)
    {
        var middle = quadricepsStart.X - .12f * (place.Y - quadricepsStart.Y);
        return Math.Abs(place.X - middle) < 3.2f
            && Capsule(place, quadricepsStart, quadricepsEnd, 13) < 0;
    }

    private bool InPatellarTendon(Vector3 place)
    {
        var along = (place.Y - tendonStart.Y) / (TendonEnd.Y - tendonStart.Y);
        var middle = float.Lerp(tendonStart.X, TendonEnd.X, along);
        return Math.Abs(place.X - middle) < 2.6f
            && Capsule(place, tendonStart, TendonEnd, 11.5f) < 0;
    }
}

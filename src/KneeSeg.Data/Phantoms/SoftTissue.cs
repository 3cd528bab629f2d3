using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>Where muscle, fat pad, capsule and joint fluid are.</summary>
internal sealed class SoftTissue(Anatomy anatomy)
{
    private readonly Vector3 patella = anatomy.Patella.Center;
    private readonly float fluidHeight = anatomy.FluidHeight;
    private readonly float effusion = (float)anatomy.Effusion;
    private readonly Vector3 recessRadii = new(4 + 5 * (float)anatomy.Effusion, 15, 17);

    public static bool IsMuscle(in Site site)
    {
        var (x, y, z) = (site.Place.X, site.Place.Y, site.Place.Z);
        var (fine, broad) = (site.Fine, site.Broad);
        return site.Limb < -(5.5f + 2.2f * broad)
            && (
                x > 22 + .15f * Math.Abs(y) + 3 * broad
                || y < -46 + 3 * fine - .15f * x
                || (y > 30 + .4f * x && x > -6 + 2 * fine)
                || Math.Abs(z) > 37 + 2 * broad
            );
    }

    /// <summary>Hoffa's fat pad, below the patella.</summary>
    public static bool IsFatPad(in Site site)
    {
        var (x, y, z) = (site.Place.X, site.Place.Y, site.Place.Z);
        return x > -46
            && x < -16 + 2 * site.Fine
            && y > -24 + 2 * site.Broad
            && y < 24 + 2 * site.Broad
            && Math.Abs(z) < 24
            && site.Limb < -7;
    }

    /// <summary>The synovial lining over the femur's joint surface.</summary>
    public bool IsCapsule(in Site site) =>
        site.Place.Y is > -46 and < 12
        && Math.Abs(site.Place.Z) < 36
        && site.Arc > .3f
        && site.Femur < site.FemoralThickness + 1 + 2 * effusion * Step(-.6f, .8f, site.Broad);

    public bool IsFluid(in Site site) =>
        IsFilm(site)
        || (
            site.IsOutsideFemur && (IsBetweenBones(site) || IsRecess(site) || IsBehindPatella(site))
        );

    private bool IsFilm(in Site site)
    {
        if (site.Arc <= .5f || site.Roof <= .8f || site.Place.Y is <= -46 or >= 9)
            return false;
        var film = .3f + 1.5f * effusion * Step(.3f, 1.3f, site.Fine);
        return site.Femur < site.FemoralThickness + film * Step(26, 2, site.Place.X);
    }

    private bool IsBetweenBones(in Site site) =>
        site.Height > 0
        && site.Height < fluidHeight
        && site.Femur < .5f + 1.4f * effusion + site.FemoralThickness
        && Math.Abs(site.Place.Z) < 33
        && Math.Abs(site.Place.X - 5) < 24;

    // The suprapatellar bursa.
    private bool IsRecess(in Site site) =>
        Ellipsoid(site.Place, new Vector3(-26, -56, 0), recessRadii) < 0;

    private bool IsBehindPatella(in Site site) =>
        site.Place.X > patella.X + 5
        && site.Place.X < -8
        && site.Femur < site.FemoralThickness + 1.2f + 1.6f * effusion
        && Math.Abs(site.Place.Y - patella.Y) < 18
        && Math.Abs(site.Place.Z - 2) < 20;
}

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

/// <summary>A straight vessel behind the joint, bright with slow blood or void with fast.</summary>
internal readonly record struct Vessel(float X, float Z, float Radius, float Intensity, float Slope)
{
    public static Vessel Draw(ref SplitMix64 random) =>
        new(
            (float)random.Uniform(30, 46),
            (float)random.Uniform(-22, 22),
            (float)random.Uniform(1.5, 4),
            (float)random.Uniform(.1, .95),
            (float)random.Uniform(-1, 1)
        );

    public bool Contains(Vector3 place) =>
        new Vector2(place.X - X - .06f * place.Y * Slope, place.Z - Z).LengthSquared()
        < Radius * Radius;
}

using System.Numerics;
using KneeSeg.Data.Phantoms;
using KneeSeg.Morphometry;

namespace KneeSeg.Tests.Data;

/// <summary>The measures of a plate as a function of space, against closed forms.</summary>
public sealed class ExactPlateTests
{
    private static readonly Vector3 Tilted = Vector3.Normalize(new(.2f, .1f, 1));

    // t = 3 mm · (1 − θ²/35²) on a ball of 22 mm, seen along a direction that is not its axis.
    [Fact]
    public void A_lens_on_a_ball_has_its_area_thickness_and_volume()
    {
        const float radius = 22;
        var edge = 35 * MathF.PI / 180;
        float Angle(Vector3 p) => MathF.Acos(Vector3.Dot(Vector3.Normalize(p), Tilted));
        bool Has(Vector3 p) =>
            p.Length() - radius is > 0 and var height
            && height < 3 * (1 - Angle(p) * Angle(p) / (edge * edge));
        var plate = new ExactPlate(
            new ParallelRays(new(0, 0, 40), -Vector3.UnitZ, Vector3.UnitX, new(24, 24), 60, .3f),
            p => p.Length() - radius,
            p => Angle(p) < edge
        );
        AssertMeasures(plate.Measure(Has), 549.970, 549.970, 1.515744, 912.397);
    }

    // t = 2.2 mm · (1 − x²/10²) on a cylinder of 20 mm, 110° around.
    [Fact]
    public void A_plate_around_a_cylinder_has_its_area_thickness_and_volume()
    {
        const float radius = 20;
        float Radius(Vector3 p) => new Vector2(p.Y, p.Z).Length();
        bool IsOver(Vector3 p) =>
            Math.Abs(p.X) < 10 && Math.Abs(MathF.Atan2(p.Z, p.Y)) < 55 * MathF.PI / 180;
        var plate = new ExactPlate(
            new RadialRays(new(0, 1, -2), Vector3.UnitX, Vector3.UnitY, (-1.6f, 1.6f), 12, 40, .3f),
            p => Radius(p) - radius,
            IsOver
        );
        bool Has(Vector3 p) =>
            IsOver(p)
            && Radius(p) - radius is > 0 and var height
            && height < 2.2f * (1 - p.X * p.X / 100);
        AssertMeasures(plate.Measure(Has), 767.945, 767.945, 1.466667, 1175.877);
    }

    // t = 4 mm · (1 − r²/12²) without what is thinner than 0.5 mm and without the middle 4 mm: what is left of a lens.
    [Fact]
    public void What_a_lens_loses_is_denuded()
    {
        var plate = new ExactPlate(
            new ParallelRays(new(1, 2, 20), -Tilted, Across(Tilted), new(22, 22), 40, .3f),
            p => p.Z,
            p => Radius(p) < 12
        );
        float Radius(Vector3 p) => new Vector2(p.X, p.Y).Length();
        bool Has(Vector3 p, float loss) =>
            Radius(p) > 4 && p.Z > 0 && p.Z < 4 * (1 - p.X * p.X / 144 - p.Y * p.Y / 144) - loss;
        var area = Math.PI * 144;
        // Radii squared 16 to 144 of the lens, and to 126 of the thinned one.
        AssertMeasures(plate.Measure(p => Has(p, 0)), area, 402.124, 1.777778, 714.887);
        AssertMeasures(plate.Measure(p => Has(p, .5f)), area, 345.575, 1.527778, 527.962);
    }

    private static Vector3 Across(Vector3 direction) =>
        Vector3.Normalize(Vector3.Cross(direction, Vector3.UnitY));

    private static void AssertMeasures(
        IReadOnlyList<CartilageElement> elements,
        double total,
        double covered,
        double thickness,
        double volume
    )
    {
        var truth = RegionMeasures.Of(
            "whole",
            [.. elements.Select(element => element.Cell)],
            elements.Sum(element => element.Volume)
        );
        Assert.InRange(truth.TotalArea / total, .997, 1.003);
        Assert.InRange(truth.CoveredArea / covered, .997, 1.003);
        Assert.InRange(truth.CoveredThickness!.Value - thickness, -.004, .004);
        Assert.InRange(truth.Volume / volume, .997, 1.003);
    }
}

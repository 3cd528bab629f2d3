using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>The thickness of the femur's cartilage, with one focal lesion.</summary>
internal sealed class FemoralCartilage
{
    private readonly float thickness;
    private readonly Vector3 lesion;
    private readonly Vector3 lesionRadii;
    private readonly float loss;

    private FemoralCartilage(float thickness, Vector3 lesion, Vector3 lesionRadii, float loss) =>
        (this.thickness, this.lesion, this.lesionRadii, this.loss) = (
            thickness,
            lesion,
            lesionRadii,
            loss
        );

    public static FemoralCartilage Draw(ref SplitMix64 random, double thickness, Femur femur)
    {
        var (x, y) = ((float)random.Uniform(-6, 16), (float)random.Uniform(-3, 1));
        var z = random.Uniform() < .5 ? femur.Compartments.Lateral : femur.Compartments.Medial;
        var lesion = new Vector3(x, y, z + (float)random.Uniform(-5, 5));
        var radii = new Vector3((float)random.Uniform(4, 9), 5, (float)random.Uniform(3, 7));
        return new FemoralCartilage(
            (float)thickness,
            lesion,
            radii,
            .8f * (float)random.Uniform(0, 1)
        );
    }

    /// <summary>Thickness in mm over the nearest bone.</summary>
    /// <param name="place">In the femur's frame.</param>
    /// <param name="arc">From <see cref="Femur.Arc"/>.</param>
    /// <param name="roof">0 in the notch, 1 outside.</param>
    /// <param name="angle">From <see cref="Femur.Angle"/>.</param>
    /// <param name="variation">A smooth field.</param>
    public float At(Vector3 place, float arc, float roof, float angle, float variation)
    {
        var worn = Ellipsoid(place, lesion, lesionRadii) < 0 ? 1 - loss : 1;
        var edge = Step(30, 25, Math.Abs(place.Z));
        var load = MathF.Cos(Math.Clamp(angle - 1.4f, -1.6f, 1.6f));
        return thickness
            * (1 + .22f * variation)
            * worn
            * arc
            * edge
            * roof
            * (.55f + .45f * Step(-2.5f, .3f, load));
    }
}

using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>
/// The lower end of the femur (two condyles, a trochlea with its groove, a flaring shaft and the notch
/// between the condyles) and the cartilage around its joint surface, with one focal lesion.
/// </summary>
internal sealed class Femur
{
    private static readonly Vector3 Trochlea = new(-9, -31, 1);
    private static readonly Vector3 TrochleaRadii = new(19.5f, 23, 27);
    private static readonly Vector3 Notch = new(13, -10, 0);
    private static readonly Vector3 NotchRadii = new(22, 17, 9);

    private readonly Vector3 medial;
    private readonly Vector3 medialRadii;
    private readonly Vector3 lateral;
    private readonly Vector3 lateralRadii;

    private Femur(Vector3 medialRadii, Vector3 lateralRadii, float medialAt, float lateralAt)
    {
        (this.medialRadii, this.lateralRadii) = (medialRadii, lateralRadii);
        medial = new Vector3(4, -medialRadii.Y, medialAt);
        lateral = new Vector3(3, -lateralRadii.Y, lateralAt);
    }

    /// <summary>Where the middles of the two compartments are, mm lateral of the knee's own.</summary>
    public (float Medial, float Lateral) Compartments => (medial.Z, lateral.Z);

    public static Femur Draw(ref SplitMix64 random)
    {
        var (medial, lateral) = (Radii(ref random), Radii(ref random));
        return new Femur(
            medial,
            lateral,
            -(float)random.Uniform(20, 23),
            (float)random.Uniform(20, 23)
        );
    }

    /// <summary>Distance to the bone's surface at a place in the femur's frame.</summary>
    public float Bone(Vector3 place)
    {
        var trochlea = Math.Max(
            Ellipsoid(place, Trochlea, TrochleaRadii),
            3 - .55f * MathF.Sqrt(.5f * Square(place.X + 31) + Square(place.Z - 1))
        );
        var flare = .012f * Square(Math.Clamp(-place.Y - 28, -40, 0));
        var shaft = Math.Max(
            MathF.Sqrt(Square(place.X + 1) + Square(.85f * place.Z)) - (14 + flare),
            place.Y + 24
        );
        var condyles = Blend(
            Ellipsoid(place, medial, medialRadii),
            Ellipsoid(place, lateral, lateralRadii),
            6
        );
        var body = Blend(Blend(condyles, trochlea, 8), shaft, 10);
        return Math.Max(body, -DistanceToNotch(place));
    }

    public static float DistanceToNotch(Vector3 place) => Ellipsoid(place, Notch, NotchRadii);

    /// <summary>The angle around the joint surface: 0 is anterior, π/2 distal, ±π posterior.</summary>
    public static float Angle(Vector3 place) => MathF.Atan2(place.Y + 21, 2 - place.X);

    /// <summary>1 on the arc that carries cartilage, from trochlea to posterior condyle, else 0.</summary>
    public static float Arc(float angle) =>
        Step(-1.05f, -.75f, angle) * Step(3.35f, 3, AroundBehind(angle));

    /// <summary>About how far along the joint surface an angle is behind its most distal place, mm.</summary>
    public static float AlongArc(float angle) => 22 * (AroundBehind(angle) - MathF.PI / 2);

    private static float AroundBehind(float angle) => angle < -2.2f ? angle + 2 * MathF.PI : angle;

    private static Vector3 Radii(ref SplitMix64 random) =>
        new(
            (float)random.Uniform(27, 31),
            (float)random.Uniform(20, 22.5),
            (float)random.Uniform(13, 15)
        );
}

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
    public float At(Vector3 place, float arc, float roof, float angle, float variation) =>
        Thickness(
            place,
            Ellipsoid(place, lesion, lesionRadii) < 0 ? 1 - loss : 1,
            arc,
            roof,
            angle,
            variation
        );

    /// <summary>The same before the lesion.</summary>
    public float Healthy(Vector3 place, float arc, float roof, float angle, float variation) =>
        Thickness(place, 1, arc, roof, angle, variation);

    private float Thickness(
        Vector3 place,
        float worn,
        float arc,
        float roof,
        float angle,
        float variation
    )
    {
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

using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>One subject's skin, bones, cartilages and menisci, as a function of place.</summary>
internal sealed class Anatomy
{
    // Beyond this distance no thickness that can be drawn reaches.
    private const float CartilageReach = 12;

    private readonly Pose pose;
    private readonly Femur femur;
    private readonly FemoralCartilage femoralCartilage;
    private readonly Tibia tibia;
    private readonly SmoothField fine;
    private readonly SmoothField broad;

    private Anatomy(ref SplitMix64 random, Pose pose)
    {
        this.pose = pose;
        Thicknesses = CartilageThickness.Draw(ref random);
        femur = Femur.Draw(ref random);
        Effusion = random.Uniform();
        fine = SmoothField.Draw(ref random, 18, 8);
        broad = SmoothField.Draw(ref random, 28, 8);
        femoralCartilage = FemoralCartilage.Draw(ref random, Thicknesses.Femoral, femur);
        var (medial, lateral) = femur.Compartments;
        tibia = new Tibia(
            new(false, medial, (float)Thicknesses.MedialTibial, Meniscus.Draw(ref random)),
            new(true, lateral, (float)Thicknesses.LateralTibial, Meniscus.Draw(ref random)),
            (float)Thicknesses.Femoral,
            (float)Thicknesses.Gap
        );
        Patella = Patella.Draw(ref random, Thicknesses.Patellar);
    }

    public CartilageThickness Thicknesses { get; }

    public Patella Patella { get; }

    /// <summary>Fluid in the joint, 0 to 1.</summary>
    public double Effusion { get; }

    /// <summary>How far above the plateaus joint fluid may stand, mm.</summary>
    public float FluidHeight => 2.6f * Math.Max(tibia.Medial.Thickness, tibia.Lateral.Thickness);

    /// <summary>Draws a subject.</summary>
    public static Anatomy Draw(ref SplitMix64 random, Pose pose) => new(ref random, pose);

    /// <summary>What is at a place of the scanner, mm.</summary>
    public Site At(Vector3 scanner)
    {
        var place = pose.ToKnee(scanner);
        var broadHere = broad.At(place);
        var limb = DistanceToSkin(place, broadHere);
        // A third of all places, and none of the bodies reaches there.
        if (limb > Site.Skin)
            return Site.Air(place, limb);
        var fineHere = fine.At(place);
        var inFemur = pose.ToFemur(place);
        var toFemur = femur.Bone(inFemur);
        var (arc, roof, femoral) = (0f, 0f, 0f);
        if (toFemur is > 0 and < CartilageReach)
        {
            var angle = Femur.Angle(inFemur);
            arc = Femur.Arc(angle);
            roof = Step(.3f, 1.6f, Femur.DistanceToNotch(inFemur));
            femoral = femoralCartilage.At(inFemur, arc, roof, angle, broadHere);
        }
        var height = tibia.Height(place, fineHere);
        var depth = Patella.Depth(place);
        var site = new Site
        {
            Place = place,
            Limb = limb,
            Fine = fineHere,
            Broad = broadHere,
            Femur = toFemur,
            Tibia = Tibia.Bone(place, height),
            Patella = Patella.Bone(place, depth),
            Height = height,
            Depth = depth,
            FemoralThickness = femoral,
            PatellarThickness = Patella.CartilageThickness(place, broadHere),
            Arc = arc,
            Roof = roof,
            Label = 0,
        };
        return site.IsBone ? site : site with { Label = LabelOf(site) };
    }

    /// <summary>How far from bone to joint a place in a cartilage is, 0 to 1.</summary>
    public float CartilageLayer(in Site site)
    {
        var (above, thickness) = site.Label switch
        {
            PhantomLabel.FemoralCartilage => (site.Femur, site.FemoralThickness),
            PhantomLabel.PatellarCartilage => (site.Depth, site.PatellarThickness),
            PhantomLabel.MedialTibialCartilage => (site.Height, tibia.Medial.Thickness),
            _ => (site.Height, tibia.Lateral.Thickness),
        };
        return Math.Clamp(above / Math.Max(thickness, .5f), 0, 1);
    }

    /// <summary>In mm, negative inside the limb.</summary>
    private static float DistanceToSkin(Vector3 place, float broad)
    {
        var (x, y, z) = (place.X, place.Y, place.Z);
        var around = Square((x - 5) / (62 - .06f * y)) + Square(z / (55 + .02f * y));
        return (MathF.Sqrt(around) - 1) * 54 + .35f * broad;
    }

    private byte LabelOf(in Site site)
    {
        var (place, height) = (site.Place, site.Height);
        if (!site.IsOutsideFemur && site.FemoralThickness > .45f)
            return PhantomLabel.FemoralCartilage;
        if (site.IsOutsideFemur && Patella.HasCartilage(place, site.Depth, site.PatellarThickness))
            return PhantomLabel.PatellarCartilage;
        if (tibia.Lateral.HasCartilage(place, height, site.Broad))
            return PhantomLabel.LateralTibialCartilage;
        if (tibia.Medial.HasCartilage(place, height, site.Broad))
            return PhantomLabel.MedialTibialCartilage;
        if (!site.IsOutsideFemur || site.Femur <= .2f)
            return 0;
        if (tibia.Medial.HasMeniscus(place, height, site.Fine))
            return PhantomLabel.MedialMeniscus;
        return tibia.Lateral.HasMeniscus(place, height, site.Fine)
            ? PhantomLabel.LateralMeniscus
            : (byte)0;
    }
}

/// <summary>A subject's cartilage thicknesses and the gap between femur and tibia, mm.</summary>
internal readonly record struct CartilageThickness(
    double Femoral,
    double MedialTibial,
    double LateralTibial,
    double Patellar,
    double Gap
)
{
    public static CartilageThickness Draw(ref SplitMix64 random) =>
        new(
            random.Uniform(1.7, 2.8),
            random.Uniform(1.6, 2.6),
            random.Uniform(2.0, 3.4),
            random.Uniform(2.2, 4.0),
            random.Uniform(.15, .8)
        );
}

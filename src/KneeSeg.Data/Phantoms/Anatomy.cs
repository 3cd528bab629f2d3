using System.Numerics;
using static KneeSeg.Data.Phantoms.ImplicitShape;

namespace KneeSeg.Data.Phantoms;

/// <summary>One subject's skin, bones, cartilages and menisci, as a function of place.</summary>
internal sealed record Anatomy
{
    // Beyond this distance no thickness that can be drawn reaches.
    private const float CartilageReach = 12;

    // Thinner cartilage is not drawn: it ends with a blunt margin.
    private const float Thinnest = .45f;

    private static readonly byte[] Cartilages =
    [
        PhantomLabel.FemoralCartilage,
        PhantomLabel.PatellarCartilage,
        PhantomLabel.LateralTibialCartilage,
        PhantomLabel.MedialTibialCartilage,
    ];

    private readonly Femur femur;
    private readonly FemoralCartilage femoralCartilage;
    private readonly Tibia tibia;
    private readonly SmoothField fine;
    private readonly SmoothField broad;

    private Anatomy(ref SplitMix64 random, Pose pose)
    {
        Pose = pose;
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

    /// <summary>How it lies in the scanner.</summary>
    public Pose Pose { get; init; }

    public CartilageThickness Thicknesses { get; }

    public Patella Patella { get; }

    /// <summary>Fluid in the joint, 0 to 1.</summary>
    public double Effusion { get; init; }

    /// <summary>What its cartilages have lost since the first visit. Bones and menisci stay.</summary>
    public IReadOnlyList<CartilageChange> Changes { get; init; } = [];

    /// <summary>How far above the plateaus joint fluid may stand, mm.</summary>
    public float FluidHeight => 2.6f * Math.Max(tibia.Medial.Thickness, tibia.Lateral.Thickness);

    /// <summary>Draws a subject.</summary>
    public static Anatomy Draw(ref SplitMix64 random, Pose pose) => new(ref random, pose);

    /// <summary>What is at a place of the scanner, mm.</summary>
    public Site At(Vector3 scanner)
    {
        var place = Pose.ToKnee(scanner);
        var broadHere = broad.At(place);
        var limb = DistanceToSkin(place, broadHere);
        // A third of all places, and none of the bodies reaches there.
        if (limb > Site.Skin)
            return Site.Air(place, limb);
        var fineHere = fine.At(place);
        var inFemur = Pose.ToFemur(place);
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
        if (site.IsBone)
            return site;
        var label = LabelOf(site);
        var changed = Changes is [] ? label : Changed(label, site);
        return site with { Label = changed, IsWorn = changed == 0 && label != 0 };
    }

    /// <summary>
    /// Whether a place just above a bone is above the bone of a cartilage: where it is, or was before the lesion that the
    /// subject was drawn with.
    /// </summary>
    public bool IsOverPlate(byte label, Vector3 scanner)
    {
        var site = At(scanner);
        if (label == PhantomLabel.PatellarCartilage)
            return Patella.HasCartilage(site.Place, 0, site.PatellarThickness);
        if (label != PhantomLabel.FemoralCartilage)
            return Cartilage(label, site).Thickness > Thinnest;
        var inFemur = Pose.ToFemur(site.Place);
        return femoralCartilage.Healthy(
                inFemur,
                site.Arc,
                site.Roof,
                Femur.Angle(inFemur),
                site.Broad
            ) > Thinnest;
    }

    /// <summary>The bone of a cartilage, negative inside. It continues where cartilage reaches beyond the bone.</summary>
    public float BoneOf(byte label, Vector3 scanner)
    {
        var place = Pose.ToKnee(scanner);
        switch (label)
        {
            case PhantomLabel.FemoralCartilage:
                return femur.Bone(Pose.ToFemur(place));
            case PhantomLabel.PatellarCartilage:
                var depth = Patella.Depth(place);
                return Math.Min(Patella.Bone(place, depth), depth + Patella.Overlap);
            default:
                return tibia.Height(place, fine.At(place));
        }
    }

    /// <summary>The middle of a plate or subregion, as <see cref="OnPlate"/> gives places, mm.</summary>
    public Vector2 MiddleOf(PlatePlace place)
    {
        var (medial, lateral) = femur.Compartments;
        var across =
            place.Label == PhantomLabel.PatellarCartilage ? Patella.Center.Z
            : place.IsMedial ? medial - place.Outward
            : lateral + place.Outward;
        return new(place.Back, across);
    }

    /// <summary>
    /// Where a place of the knee lies on a cartilage, in mm from its middle: along the arc of the femur to posterior, on the
    /// tibia to posterior, on the patella to inferior; and to lateral from the knee's middle.
    /// </summary>
    public Vector2 OnPlate(byte label, Vector3 place)
    {
        switch (label)
        {
            case PhantomLabel.FemoralCartilage:
                var inFemur = Pose.ToFemur(place);
                return new(Femur.AlongArc(Femur.Angle(inFemur)), inFemur.Z);
            case PhantomLabel.PatellarCartilage:
                return new(place.Y - Patella.Center.Y, place.Z);
            default:
                var plateau =
                    label == PhantomLabel.LateralTibialCartilage ? tibia.Lateral : tibia.Medial;
                return new(place.X - plateau.Behind, place.Z);
        }
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

    // What is lost of a cartilage is fluid; what it gains was no tissue of the joint before.
    private byte Changed(byte label, in Site site)
    {
        if (label is PhantomLabel.LateralMeniscus or PhantomLabel.MedialMeniscus)
            return label;
        if (label != 0)
        {
            var (above, thickness) = Cartilage(label, site);
            var left = thickness - Loss(label, site);
            return left > 0 && above < left ? label : (byte)0;
        }
        foreach (var cartilage in Cartilages)
        {
            var (above, thickness) = Cartilage(cartilage, site);
            if (
                thickness > Thinnest
                && above is > 0 and < CartilageReach
                && Loss(cartilage, site) is < 0 and var loss
                && above < thickness - loss
            )
                return cartilage;
        }
        return 0;
    }

    private float Loss(byte label, in Site site)
    {
        var (loss, at) = (0f, OnPlate(label, site.Place));
        foreach (var change in Changes)
            if (change.Place.Label == label)
                loss += change.LossAt(at - MiddleOf(change.Place));
        return loss;
    }

    // How far a place is above the bone of a cartilage, and the thickness there.
    private (float Above, float Thickness) Cartilage(byte label, in Site site) =>
        label switch
        {
            PhantomLabel.FemoralCartilage => (site.Femur, site.FemoralThickness),
            PhantomLabel.PatellarCartilage => (site.Depth, site.PatellarThickness),
            PhantomLabel.MedialTibialCartilage => (
                site.Height,
                tibia.Medial.CartilageThickness(site.Place, site.Broad)
            ),
            _ => (site.Height, tibia.Lateral.CartilageThickness(site.Place, site.Broad)),
        };

    private byte LabelOf(in Site site)
    {
        var (place, height) = (site.Place, site.Height);
        if (!site.IsOutsideFemur && site.FemoralThickness > Thinnest)
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

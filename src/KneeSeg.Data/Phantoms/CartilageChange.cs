using System.Numerics;

namespace KneeSeg.Data.Phantoms;

/// <summary>What a cartilage loses between the first visit and a later one, over the bone of each place.</summary>
/// <param name="Place">Which cartilage, and where on it.</param>
/// <param name="Shape">How the loss is distributed.</param>
/// <param name="Millimeters">The loss, or its peak, where it is not of full thickness; negative for growth.</param>
/// <param name="Radius">Of a lesion, or the standard deviation of a smooth loss, mm.</param>
internal sealed record CartilageChange(
    PlatePlace Place,
    ChangeShape Shape,
    double Millimeters,
    double Radius
)
{
    // In mm: about a third of a subregion's width.
    private const double SmoothRadius = 6;

    public static CartilageChange Constant(PlatePlace place, double millimeters) =>
        new(place, ChangeShape.Constant, millimeters, 0);

    public static CartilageChange Smooth(PlatePlace place, double millimeters) =>
        new(place, ChangeShape.Smooth, millimeters, SmoothRadius);

    public static CartilageChange Lesion(PlatePlace place, double radius) =>
        new(place, ChangeShape.Lesion, 0, radius);

    /// <summary>After so many visits: losses add up, and a lesion's area grows in proportion.</summary>
    public CartilageChange After(int visits) =>
        Shape == ChangeShape.Lesion
            ? this with
            {
                Radius = Radius * Math.Sqrt(visits),
            }
            : this with
            {
                Millimeters = Millimeters * visits,
            };

    /// <summary>The loss in mm so far from the place's middle.</summary>
    public float LossAt(Vector2 fromMiddle) =>
        Shape switch
        {
            ChangeShape.Constant => (float)Millimeters,
            ChangeShape.Smooth => (float)(
                Millimeters * Math.Exp(-fromMiddle.LengthSquared() / (2 * Radius * Radius))
            ),
            _ => fromMiddle.Length() < Radius ? float.PositiveInfinity : 0,
        };
}

/// <summary>How a loss of cartilage is distributed.</summary>
internal enum ChangeShape
{
    /// <summary>The same everywhere.</summary>
    Constant,

    /// <summary>A Gaussian.</summary>
    Smooth,

    /// <summary>Full thickness within a circle.</summary>
    Lesion,
}

/// <summary>A cartilage plate or a subregion of it, by the names of Eckstein et al. (2006).</summary>
/// <param name="Name">Such as <c>MT</c> or <c>cMT</c>; <c>F</c> and <c>P</c> are the whole femoral and patellar cartilage.</param>
/// <param name="Label">The cartilage.</param>
/// <param name="IsMedial">Its compartment, except of the patella.</param>
/// <param name="Back">Its middle, mm to posterior along the plate (on the patella, to inferior).</param>
/// <param name="Outward">Its middle, mm away from the other compartment.</param>
internal sealed record PlatePlace(
    string Name,
    byte Label,
    bool IsMedial,
    float Back = 0,
    float Outward = 0
)
{
    /// <summary>All, each plate before its subregions.</summary>
    public static IReadOnlyList<PlatePlace> All { get; } =
    [
        .. Tibial(true),
        .. Tibial(false),
        new("F", PhantomLabel.FemoralCartilage, true, 2),
        .. Femoral(true),
        .. Femoral(false),
        new("P", PhantomLabel.PatellarCartilage, true),
    ];

    /// <summary>Whether it is a whole plate.</summary>
    public bool IsPlate => Name is "MT" or "LT" or "F" or "P";

    private static PlatePlace[] Tibial(bool isMedial)
    {
        var label = isMedial
            ? PhantomLabel.MedialTibialCartilage
            : PhantomLabel.LateralTibialCartilage;
        var plate = isMedial ? "MT" : "LT";
        return
        [
            new(plate, label, isMedial),
            new($"c{plate}", label, isMedial),
            new($"e{plate}", label, isMedial, Outward: 9),
            new($"i{plate}", label, isMedial, Outward: -9),
            new($"a{plate}", label, isMedial, Back: -13),
            new($"p{plate}", label, isMedial, Back: 13),
        ];
    }

    private static PlatePlace[] Femoral(bool isMedial)
    {
        const byte label = PhantomLabel.FemoralCartilage;
        var condyle = isMedial ? "MF" : "LF";
        return
        [
            new($"cc{condyle}", label, isMedial, Back: 2, Outward: -3.5f),
            new($"ec{condyle}", label, isMedial, Back: 2, Outward: 3.5f),
            new($"ic{condyle}", label, isMedial, Back: 2, Outward: -10.5f),
            new($"a{condyle}", label, isMedial, Back: -23, Outward: -6),
            new($"p{condyle}", label, isMedial, Back: 24),
        ];
    }
}

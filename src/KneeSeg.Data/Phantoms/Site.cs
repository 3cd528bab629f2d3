using System.Numerics;

namespace KneeSeg.Data.Phantoms;

/// <summary>The anatomy at one position; distances in mm, negative inside a bone.</summary>
internal readonly struct Site
{
    /// <summary>As far outside the limb, mm, as its roughness may reach.</summary>
    public const float Skin = 2;

    /// <summary>In the frame of the tibia: x posterior, y inferior, z lateral.</summary>
    public required Vector3 Place { get; init; }

    /// <summary>Distance to the skin.</summary>
    public required float Limb { get; init; }

    /// <summary>The smooth field of 18 mm, which roughens surfaces.</summary>
    public required float Fine { get; init; }

    /// <summary>The smooth field of 28 mm, which varies thickness.</summary>
    public required float Broad { get; init; }

    public required float Femur { get; init; }

    public required float Tibia { get; init; }

    public required float Patella { get; init; }

    /// <summary>Height above the tibia's joint surface.</summary>
    public required float Height { get; init; }

    /// <summary>Depth behind the patella's facets.</summary>
    public required float Depth { get; init; }

    /// <summary>Thickness of femoral cartilage over the nearest bone.</summary>
    public required float FemoralThickness { get; init; }

    public required float PatellarThickness { get; init; }

    /// <summary>1 where the femur's arc carries cartilage, else 0.</summary>
    public required float Arc { get; init; }

    /// <summary>0 in the notch between the condyles, 1 outside.</summary>
    public required float Roof { get; init; }

    /// <summary>The label, 0 for none of the six.</summary>
    public required byte Label { get; init; }

    /// <summary>Whether a cartilage was here at the first visit and is lost.</summary>
    public bool IsWorn { get; init; }

    /// <summary>A place in the air, of which nothing else matters.</summary>
    public static Site Air(Vector3 place, float limb) =>
        default(Site) with
        {
            Place = place,
            Limb = limb,
        };

    /// <summary>Whether it lies outside the limb, beyond all that bulges.</summary>
    public bool IsAir => Limb > Skin;

    /// <summary>Whether it lies in one of the three bones.</summary>
    public bool IsBone => Femur <= 0 || Tibia <= 0 || Patella <= 0;

    /// <summary>Whether it lies above the femoral cartilage, in the joint.</summary>
    public bool IsOutsideFemur => Femur > FemoralThickness;
}

/// <summary>The phantom's labels: the order of the IWOAI challenge.</summary>
internal static class PhantomLabel
{
    /// <summary>How many there are.</summary>
    public const int Count = 6;

    public const byte FemoralCartilage = 1;
    public const byte MedialTibialCartilage = 2;
    public const byte LateralTibialCartilage = 3;
    public const byte PatellarCartilage = 4;
    public const byte LateralMeniscus = 5;
    public const byte MedialMeniscus = 6;
}

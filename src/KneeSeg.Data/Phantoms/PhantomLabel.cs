namespace KneeSeg.Data.Phantoms;

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

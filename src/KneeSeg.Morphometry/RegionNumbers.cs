namespace KneeSeg.Morphometry;

/// <summary>The numbers of regions in maps and meshes: the same in all knees.</summary>
public static class RegionNumbers
{
    /// <summary>The names by number, the background's first.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "background",
        .. TibialRegions.NamesOf("MT"),
        .. TibialRegions.NamesOf("LT"),
        .. FemoralRegions.AllNames,
        .. PatellarRegions.AllNames,
        "undivided",
    ];

    /// <summary>The number of a place's region; the last for a plate without regions.</summary>
    internal static byte Of(Plate plate, PlateCell cell) =>
        plate.RegionAt(cell.Position) is { } region
            ? (byte)Names.ToList().IndexOf(region)
            : (byte)(Names.Count - 1);
}

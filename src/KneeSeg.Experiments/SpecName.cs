namespace KneeSeg.Experiments;

/// <summary>How a network in a file is named.</summary>
public static class SpecName
{
    /// <summary>
    /// <c>FILE</c>, <c>FILE+small</c>, <c>FILE#member</c> or <c>FILE#member+small</c>, with the groups <c>file</c>,
    /// <c>kind</c> (its ending), <c>member</c> and <c>variants</c>.
    /// </summary>
    public const string Pattern =
        @"^(?<file>.*\.(?<kind>fsx|json))(#(?<member>[^+]*))?(?<variants>(\+.*)?)$";
}

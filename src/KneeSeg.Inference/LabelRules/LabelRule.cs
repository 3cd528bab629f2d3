namespace KneeSeg.Inference.LabelRules;

/// <summary>The post-processing of one label.</summary>
/// <param name="Label">Its name in the profile.</param>
/// <param name="Largest">Whether only its largest component is kept.</param>
/// <param name="MinimumVolume">Components below this volume in mm³ become background.</param>
/// <param name="FillHoles">Whether enclosed background is filled with this label.</param>
public sealed record LabelRule(
    string Label,
    bool Largest = false,
    double MinimumVolume = 0,
    bool FillHoles = false
)
{
    /// <summary>A description.</summary>
    public override string ToString()
    {
        string[] parts =
        [
            .. Largest ? ["largest part only"] : Array.Empty<string>(),
            .. MinimumVolume > 0
                ? [FormattableString.Invariant($"parts of {MinimumVolume:0.#} mm³ and more")]
                : Array.Empty<string>(),
            .. FillHoles ? ["holes filled"] : Array.Empty<string>(),
        ];
        return parts is [] ? "as it is" : string.Join(", ", parts);
    }

    /// <summary>Whether it changes nothing.</summary>
    internal bool IsIdle => !Largest && MinimumVolume <= 0 && !FillHoles;
}

/// <summary>A change by post-processing.</summary>
/// <param name="Label">Its name.</param>
/// <param name="What">
/// Such as <c>removed a part</c>, <c>filled a hole</c> or <c>relabeled from medial meniscus</c>.
/// </param>
/// <param name="Volume">Its volume in mm³.</param>
public sealed record LabelChange(string Label, string What, double Volume)
{
    /// <summary>A component became background.</summary>
    internal const string Removed = "removed a part";

    /// <summary>Enclosed background became the label.</summary>
    internal const string Filled = "filled a hole";

    /// <summary>A part on the wrong side of the joint had the label of the other side.</summary>
    internal static string Relabeled(string from) => $"relabeled from {from}";
}

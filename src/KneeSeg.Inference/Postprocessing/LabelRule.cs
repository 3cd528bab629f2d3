namespace KneeSeg.Inference;

/// <summary>What is done to one label of a prediction.</summary>
/// <param name="Label">Its name in the profile.</param>
/// <param name="Largest">Whether only its largest part is kept.</param>
/// <param name="MinimumVolume">Parts smaller than so many mm³ become background.</param>
/// <param name="FillHoles">Whether background that it encloses becomes this label.</param>
public sealed record LabelRule(
    string Label,
    bool Largest = false,
    double MinimumVolume = 0,
    bool FillHoles = false
)
{
    /// <summary>In words.</summary>
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

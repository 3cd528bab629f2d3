namespace KneeSeg.Inference;

/// <summary>Requested outputs besides labels.</summary>
/// <param name="Probabilities">Class probabilities.</param>
/// <param name="Uncertainty">Normalized entropy.</param>
internal readonly record struct RequestedOutputs(bool Probabilities, bool Uncertainty)
{
    /// <summary>Labels only.</summary>
    public static RequestedOutputs Labels { get; }
}

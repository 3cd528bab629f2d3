namespace KneeSeg.Inference;

/// <summary>What a prediction keeps beside its labels.</summary>
/// <param name="Probabilities">How probable each tissue is in each voxel.</param>
/// <param name="Uncertainty">How undecided each voxel is.</param>
internal readonly record struct RequestedOutputs(bool Probabilities, bool Uncertainty)
{
    /// <summary>Nothing more.</summary>
    public static RequestedOutputs Labels { get; }
}

namespace KneeSeg.Inference;

/// <summary>What is to be predicted into a folder.</summary>
/// <param name="Inputs">From <see cref="PredictionInput.Find" />.</param>
/// <param name="Folder">Where predictions go.</param>
/// <param name="Output">What is written for each.</param>
/// <param name="Postprocessing">What is done to labels before.</param>
public sealed record PredictionRequest(
    IReadOnlyList<PredictionInput> Inputs,
    string Folder,
    PredictionOutput Output,
    Postprocessing Postprocessing
)
{
    /// <summary>Labels alone, as the network says them.</summary>
    public PredictionRequest(IReadOnlyList<PredictionInput> inputs, string folder)
        : this(inputs, folder, new(), Postprocessing.None) { }
}

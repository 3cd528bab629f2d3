using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Inference;

/// <summary>A request to predict images into a folder.</summary>
/// <param name="Inputs">From <see cref="PredictionInput.Find" />.</param>
/// <param name="Folder">The target folder.</param>
/// <param name="Output">The requested outputs.</param>
/// <param name="Postprocessing">The post-processing of labels.</param>
public sealed record PredictionRequest(
    IReadOnlyList<PredictionInput> Inputs,
    string Folder,
    PredictionOutput Output,
    Postprocessing Postprocessing
)
{
    /// <summary>Labels only, without post-processing.</summary>
    public PredictionRequest(IReadOnlyList<PredictionInput> inputs, string folder)
        : this(inputs, folder, new(), Postprocessing.None) { }
}

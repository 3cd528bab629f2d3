namespace KneeSeg.Evaluation;

/// <summary>
/// How clearly change over time shows: standardized response means (mean change / its standard deviation over knees) of ThCtAB,
/// in the plate where the references' is largest.
/// </summary>
/// <param name="Plate">The plate's name.</param>
/// <param name="Knees">Knees with a baseline and a later visit.</param>
/// <param name="Reference">The references' response; negative is loss.</param>
/// <param name="Prediction">The predictions' in the same plate; null where it is undefined.</param>
public sealed record ChangeResponse(string Plate, int Knees, double Reference, double? Prediction)
{
    /// <summary>The predictions' response in the direction of the references': the larger, the better.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double? Strength => Prediction * Math.Sign(Reference);
}

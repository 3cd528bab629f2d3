namespace KneeSeg.Data.Phantoms;

/// <summary>A subject's cartilage thicknesses and the gap between femur and tibia, mm.</summary>
internal readonly record struct CartilageThickness(
    double Femoral,
    double MedialTibial,
    double LateralTibial,
    double Patellar,
    double Gap
)
{
    public static CartilageThickness Draw(ref SplitMix64 random) =>
        new(
            random.Uniform(1.7, 2.8),
            random.Uniform(1.6, 2.6),
            random.Uniform(2.0, 3.4),
            random.Uniform(2.2, 4.0),
            random.Uniform(.15, .8)
        );
}

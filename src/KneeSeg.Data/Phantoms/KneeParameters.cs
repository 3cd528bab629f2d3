namespace KneeSeg.Data.Phantoms;

/// <summary>The parameters of a phantom.</summary>
/// <param name="Side">A left knee is a mirrored right one.</param>
/// <param name="Scale">Size against the average along posterior, inferior and lateral.</param>
/// <param name="FemoralCartilage">Typical thickness, mm.</param>
/// <param name="MedialTibialCartilage">Thickness at the middle of the plateau, mm.</param>
/// <param name="LateralTibialCartilage">Thickness at the middle of the plateau, mm.</param>
/// <param name="PatellarCartilage">Thickness at its middle, mm.</param>
/// <param name="JointGap">Between femoral and tibial cartilage, mm.</param>
/// <param name="Effusion">Fluid in the joint, 0 to 1.</param>
/// <param name="Noise">Standard deviation of the Rician noise, where fluid is 1.</param>
/// <param name="Gain">Image value of fluid.</param>
public sealed record KneeParameters(
    KneeSide Side,
    IReadOnlyList<double> Scale,
    double FemoralCartilage,
    double MedialTibialCartilage,
    double LateralTibialCartilage,
    double PatellarCartilage,
    double JointGap,
    double Effusion,
    double Noise,
    double Gain
);

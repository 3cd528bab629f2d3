namespace KneeSeg.Data.Phantoms;

/// <summary>
/// The signal of each tissue in a DESS image with water excitation, where fluid is about 1: fat and
/// marrow are dark, cartilage is gray, and menisci, tendons and cortex are nearly black.
/// </summary>
internal readonly record struct Signals(
    float Fluid,
    float Cartilage,
    float Muscle,
    float Marrow,
    float Fat,
    float FatPad,
    float Meniscus,
    float Tendon,
    float Cortex,
    float Synovium
)
{
    public const float Air = .012f;

    public static Signals Draw(ref SplitMix64 random) =>
        new(
            Around(1, .06, ref random),
            Around(.60, .06, ref random),
            Around(.44, .06, ref random),
            Around(.235, .06, ref random),
            Around(.27, .06, ref random),
            Around(.30, .06, ref random),
            Around(.20, .06, ref random),
            Around(.13, .06, ref random),
            Around(.07, .06, ref random),
            Around(.52, .10, ref random)
        );

    private static float Around(double middle, double deviation, ref SplitMix64 random) =>
        (float)(middle * (1 + deviation * random.Gaussian()));
}

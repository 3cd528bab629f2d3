namespace KneeSeg.Torch.Probes;

/// <summary>What a network outputs for weights and input that are fixed formulas.</summary>
/// <param name="Parameters">Learned numbers, shared ones counted once.</param>
/// <param name="Macs">Multiply-accumulates at this size.</param>
/// <param name="Shape">The output's shape, <c>[C, (D,) H, W]</c>.</param>
/// <param name="Mean">Over the whole output, as are the next three.</param>
/// <param name="Std">Population standard deviation.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="First">Channel 0 at its first voxel.</param>
/// <param name="Mid">Channel 0 at its center, voxel ⌊n/2⌋ of the n along each axis.</param>
/// <param name="Last">Channel 0 at its last voxel.</param>
public sealed record ProbeResult(
    long Parameters,
    long Macs,
    int[] Shape,
    double Mean,
    double Std,
    double Min,
    double Max,
    double First,
    double Mid,
    double Last
);

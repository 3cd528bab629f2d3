namespace KneeSeg.Bench.Memory;

/// <summary>What is done to a network.</summary>
internal enum Work
{
    /// <summary>It predicts.</summary>
    Predict,

    /// <summary>It trains, and keeps all maps that gradients need.</summary>
    Train,

    /// <summary>It trains, and computes maps twice.</summary>
    Recompute,
}

namespace KneeSeg.Dsl

/// What another implementation of a network counts.
type ReferenceCount = {
    Spec: string
    Channels: int
    Classes: int
    /// The input's size, depth first, for the multiply-accumulates.
    Size: int[]
    Parameters: int64
    Macs: int64
}

/// What another implementation of a network outputs, filled as `probe` fills: one channel, 64x64 or 32x32x32.
type ReferenceOutput = {
    Spec: string
    Classes: int
    /// The factor of all weights.
    Gain: float
    /// Of probabilities, not logits.
    Probabilities: bool
    /// Mean, deviation, minimum and maximum of the output; its first channel's first, center and last voxel.
    Numbers: float[]
}

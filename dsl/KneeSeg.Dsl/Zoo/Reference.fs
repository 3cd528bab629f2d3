namespace KneeSeg.Dsl

/// What a network has by somebody else's count.
type ReferenceCount = {
    Spec: string
    Channels: int
    Classes: int
    /// The input's size, depth first, for the multiply-accumulates.
    Size: int[]
    Parameters: int64
    Macs: int64
}

/// What a network answers by somebody else's implementation, filled as `probe` fills: one channel, 64x64 or 32x32x32.
type Fingerprint = {
    Spec: string
    Classes: int
    /// The factor of all weights.
    Gain: float
    /// Of probabilities, not logits.
    Probabilities: bool
    /// Mean, deviation, least and largest of the answer; its first channel's first, centre and last voxel.
    Numbers: float[]
}

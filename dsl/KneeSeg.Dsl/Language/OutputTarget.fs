namespace KneeSeg.Dsl

/// What a named output is compared with in training. Each is computed from the labels of the patch.
type OutputTarget =
    /// The labels at the output's resolution. The output has a channel per class: logits.
    | Labels
    /// Distances in mm from voxel center to voxel center, at the output's resolution and limited to 10 mm: outside, to the nearest
    /// labeled voxel; inside, to the nearest background voxel, negative. The output has one channel; or one per class, each for
    /// its class.
    | SignedDistance
    /// Whether anything is labeled. The output is a vector: one logit; two, for absent and present; or one per class, each for
    /// its class.
    | Presence

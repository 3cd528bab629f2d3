namespace KneeSeg.Dsl

/// How a backend takes memory, as far as an estimate needs it: the backend's own numbers.
type BackendMemory = {
    /// Blocks of so many bytes and more go back to the system when they are freed. Smaller ones come from a heap, which keeps
    /// what it once had.
    MappedFrom: int64
    /// What holes between blocks of many sizes add to the heap when predicting, in percent of what is alive in it.
    PredictingHoles: int
    /// The same in training.
    TrainingHoles: int
    /// The same in training with activation checkpointing.
    CheckpointingHoles: int
    /// Copies of its kernel that a convolution makes while it runs, in float32.
    KernelCopies: int
    /// The same in bfloat16.
    HalfKernelCopies: int
}

/// Bytes at the peak, before a tensor exists. What the program and its libraries take on their own comes on top.
type PeakMemory = {
    /// Predicting a batch: the weights in float32, and the feature maps and workspaces alive at once.
    Predict: int64
    /// A training step by AdamW on a batch: weights, their gradients and two moments in float32, and what is alive at once of
    /// activations, their gradients, the loss and workspaces.
    Train: int64
}

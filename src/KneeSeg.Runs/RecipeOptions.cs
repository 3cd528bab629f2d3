namespace KneeSeg.Runs;

/// <summary>The losses, written in recipes as <c>dice-ce</c>. docs/reference/recipe.md has their formulas.</summary>
public enum LossKind
{
    /// <summary>Dice and cross-entropy (Isensee et al. 2021).</summary>
    DiceCe,

    /// <summary>The mean over structures (Milletari et al. 2016).</summary>
    Dice,

    /// <summary>Dice over all classes together, the loss of the published tables.</summary>
    PooledDice,

    /// <summary>With squares in the denominator; negated.</summary>
    SquaredDice,

    /// <summary>Pooled Dice over the structures, and over all classes.</summary>
    WeightedDice,

    /// <summary>The mean over classes, without smoothing; negated.</summary>
    PerClassDice,

    /// <summary>Classes weighted by the inverse square of their size (Sudre et al. 2017).</summary>
    GeneralizedDice,

    /// <summary>Salehi et al. 2017.</summary>
    Tversky,

    /// <summary>Tversky with false negatives that cost more than false positives.</summary>
    TverskyRecall,

    /// <summary>Tversky per class, summed.</summary>
    TverskyByClass,

    /// <summary>Abraham and Khan 2019.</summary>
    FocalTversky,

    /// <summary>Tversky and cross-entropy.</summary>
    TverskyCe,

    /// <summary>One minus the Jaccard index.</summary>
    Jaccard,

    /// <summary>The same per voxel, smoothed by 100.</summary>
    JaccardDistance,

    /// <summary>Cross-entropy.</summary>
    Ce,

    /// <summary>Cross-entropy in which every class has the same total weight.</summary>
    WeightedCe,

    /// <summary>Cross-entropy weighted by each class's frequency.</summary>
    FrequencyWeightedCe,

    /// <summary>Lin et al. 2017.</summary>
    Focal,

    /// <summary>Cross-entropy in which voxels at a boundary weigh more.</summary>
    BoundaryCe,

    /// <summary>The same and Dice.</summary>
    DiceBoundaryCe,

    /// <summary>Pooled Dice and cross-entropy.</summary>
    DiceBce,

    /// <summary>Squared Dice and cross-entropy.</summary>
    SquaredDiceCe,
}

/// <summary>The losses of outputs that are compared with signed distances, in mm.</summary>
public enum DistanceLossKind
{
    /// <summary>Quadratic up to 1 mm, linear beyond (Girshick 2015).</summary>
    SmoothL1,

    /// <summary>The mean absolute error.</summary>
    L1,

    /// <summary>The mean squared error.</summary>
    Mse,
}

/// <summary>The optimizers.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,

    /// <summary>Adam (Kingma and Ba 2015), with Keras's ε of 1e-7.</summary>
    Adam,

    /// <summary>RMSProp (Tieleman and Hinton 2012).</summary>
    RmsProp,

    /// <summary>Gradient descent with Nesterov's momentum (Sutskever et al. 2013).</summary>
    Sgd,
}

/// <summary>Learning rate schedules.</summary>
public enum Schedule
{
    /// <summary>Cosine annealing to 0 (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>Polynomial decay (1 − t)^0.9 with the run's progress t (Chen et al. 2018; Isensee et al. 2021).</summary>
    Polynomial,

    /// <summary>
    /// As in the published knee tables: <c>decayFactor^⌊(1 + step / stepsPerEpoch) / decayEvery⌋</c>, so that the first decay
    /// comes one epoch early.
    /// </summary>
    StepDrop,

    /// <summary><c>decayFactor^(1 + epoch)</c>, epochs from 0.</summary>
    EpochDecay,

    /// <summary>Times <c>decayFactor</c> after <c>decayEvery</c> validations without a better Dice.</summary>
    Plateau,

    /// <summary>Constant.</summary>
    Constant,
}

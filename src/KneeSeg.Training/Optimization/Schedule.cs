namespace KneeSeg.Training.Optimization;

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

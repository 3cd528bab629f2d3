namespace KneeSeg.Training;

/// <summary>How the learning rate goes through a run.</summary>
public enum Schedule
{
    /// <summary>Half a cosine down to nothing (Loshchilov and Hutter 2017), so that the last weights are good ones.</summary>
    Cosine,

    /// <summary>(1 − t)^0.9 of the run's share t (Chen et al. 2018; Isensee et al. 2021).</summary>
    Polynomial,

    /// <summary>
    /// As the published knee tables: <c>drop^⌊(1 + step / steps of an epoch) / decayEvery⌋</c>, so that the first drop comes
    /// one epoch early.
    /// </summary>
    StepDrop,

    /// <summary><c>drop^(1 + epoch)</c>, epochs from 0.</summary>
    EpochDecay,

    /// <summary>Times <c>drop</c> whenever <c>decayEvery</c> validations brought no better Dice.</summary>
    Plateau,

    /// <summary>The same throughout.</summary>
    Constant,
}

namespace KneeSeg.Data;

/// <summary>What a case is for. All cases of a subject are for the same.</summary>
public enum Split
{
    /// <summary>Weights are fitted to it.</summary>
    Train,

    /// <summary>It chooses the best weights.</summary>
    Validation,

    /// <summary>It measures the result and is seen by nothing before.</summary>
    Test,
}

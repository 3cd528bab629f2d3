namespace KneeSeg.Data.Datasets;

/// <summary>The split of a case. All cases of a subject belong to the same one.</summary>
public enum Split
{
    /// <summary>For fitting the weights.</summary>
    Train,

    /// <summary>For choosing the best weights.</summary>
    Validation,

    /// <summary>For the final evaluation only.</summary>
    Test,
}

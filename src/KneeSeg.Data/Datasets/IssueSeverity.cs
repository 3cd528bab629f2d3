namespace KneeSeg.Data.Datasets;

/// <summary>The severity of an issue.</summary>
public enum IssueSeverity
{
    /// <summary>Should be checked; does not prevent training.</summary>
    Warning,

    /// <summary>The dataset can't be used as it is.</summary>
    Error,
}

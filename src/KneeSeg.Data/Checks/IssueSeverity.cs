namespace KneeSeg.Data;

/// <summary>How grave a finding is.</summary>
public enum IssueSeverity
{
    /// <summary>Worth a look; training goes on.</summary>
    Warning,

    /// <summary>The dataset can't be used as it is.</summary>
    Error,
}

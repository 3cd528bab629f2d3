namespace KneeSeg.Data;

/// <summary>Which of a subject's knees an image shows.</summary>
public enum KneeSide
{
    /// <summary>Unknown.</summary>
    Unknown,

    /// <summary>The left knee.</summary>
    Left,

    /// <summary>The right knee.</summary>
    Right,
}

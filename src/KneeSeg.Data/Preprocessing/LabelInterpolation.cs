namespace KneeSeg.Data.Preprocessing;

/// <summary>How labels are resampled; neither creates new values.</summary>
public enum LabelInterpolation
{
    /// <summary>Nearest neighbor.</summary>
    Nearest,

    /// <summary>One-hot trilinear with argmax: smoother borders, but thin structures may shrink.</summary>
    Linear,
}

namespace KneeSeg.Data;

/// <summary>How labels are resampled; neither makes a value that was not there.</summary>
public enum LabelInterpolation
{
    /// <summary>The nearest voxel's.</summary>
    Nearest,

    /// <summary>The one with most of the trilinear weights: smoother borders, and thin structures may thin.</summary>
    Linear,
}

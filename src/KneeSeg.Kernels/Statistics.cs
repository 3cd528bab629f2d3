namespace KneeSeg.Kernels;

/// <summary>What a norm's mean and variance are computed over.</summary>
internal enum NormKind
{
    /// <summary>A channel of all images.</summary>
    Batch,

    /// <summary>A group of channels of each image; an instance norm has groups of one.</summary>
    Group,
}

/// <summary>
/// The statistics of a norm, from the sums over each channel of each image, and what they make of the gradient. All in double
/// precision.
/// </summary>
/// <param name="kind">Batch or group.</param>
/// <param name="images">N.</param>
/// <param name="channels">C.</param>
/// <param name="groups">Of a group norm.</param>
/// <param name="voxels">Of a channel.</param>
internal sealed class Statistics(NormKind kind, int images, int channels, int groups, nint voxels)
{
    private readonly double[] mean = new double[images * channels];
    private readonly double[] inverse = new double[images * channels];
    private readonly double[] ownMean = new double[images * channels];

    /// <summary>Numbers that a mean is over.</summary>
    public long Count =>
        kind == NormKind.Batch ? images * (long)voxels : channels / groups * (long)voxels;

    /// <summary>The mean of an image's channel.</summary>
    public double Mean(int image, int channel) => mean[image * channels + channel];

    /// <summary>The mean of an image's channel by itself, whatever it shares statistics with.</summary>
    public double OwnMean(int image, int channel) => ownMean[image * channels + channel];

    /// <summary>Whether a number added to a channel changes nothing behind the norm.</summary>
    public bool IgnoresBias => !IsFixed && (kind == NormKind.Batch || groups == channels);

    /// <summary>The biased variance of an image's channel.</summary>
    public double Variance(int image, int channel, double epsilon) =>
        1 / Math.Pow(inverse[image * channels + channel], 2) - epsilon;

    /// <summary>Computes means and variances.</summary>
    /// <param name="sums">Σy and Σy² by image and channel.</param>
    /// <param name="epsilon">Is added to the variance.</param>
    public void Set(ReadOnlySpan<double> sums, double epsilon)
    {
        var (first, second) = (Means(sums, 0), Means(sums, 1));
        for (var i = 0; i < mean.Length; i++)
        {
            (mean[i], ownMean[i]) = (first[i], sums[2 * i] / voxels);
            var variance = Math.Max(0, second[i] - first[i] * first[i]);
            inverse[i] = 1 / Math.Sqrt(variance + epsilon);
        }
    }

    /// <summary>Whether they are given, as running statistics are, and so have no gradient.</summary>
    public bool IsFixed { get; private set; }

    /// <summary>Takes running statistics.</summary>
    public void Fix(ReadOnlySpan<float> means, ReadOnlySpan<float> variances, double epsilon)
    {
        IsFixed = true;
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] = means[i % channels];
            inverse[i] = 1 / Math.Sqrt(variances[i % channels] + epsilon);
        }
    }

    /// <summary>The line that the norm applies to an image's channels, with its dropout.</summary>
    /// <param name="gamma">By channel; empty for ones.</param>
    /// <param name="beta">By channel; empty for zeros.</param>
    /// <param name="keep">By channel; null without dropout.</param>
    public Affine Line(
        int image,
        ReadOnlySpan<float> gamma,
        ReadOnlySpan<float> beta,
        float[]? keep
    )
    {
        var line = Affine.None(channels, keep);
        for (var c = 0; c < channels; c++)
        {
            var scale = (gamma.IsEmpty ? 1.0 : gamma[c]) * inverse[image * channels + c];
            line.Factor[c] = (float)scale;
            line.Addend[c] = (float)((beta.IsEmpty ? 0 : beta[c]) - scale * Mean(image, c));
        }
        return line;
    }

    /// <summary>The gradient that goes through means and variances, for each image.</summary>
    /// <param name="sums">Σh and Σh·y by image and channel, where h is the gradient of what the norm returns.</param>
    /// <param name="gamma">As it was.</param>
    /// <param name="ofGamma">Gets the gradient of gamma.</param>
    /// <param name="ofBeta">Gets the gradient of beta.</param>
    public BackwardAffine[] Backward(
        ReadOnlySpan<double> sums,
        ReadOnlySpan<float> gamma,
        Span<double> ofGamma,
        Span<double> ofBeta
    )
    {
        // Σγh and Σγh·ŷ.
        var scaled = new double[sums.Length];
        for (var i = 0; i < mean.Length; i++)
        {
            var c = i % channels;
            var along = inverse[i] * (sums[2 * i + 1] - mean[i] * sums[2 * i]);
            ofBeta[c] += sums[2 * i];
            ofGamma[c] += along;
            var factor = gamma.IsEmpty ? 1.0 : gamma[c];
            (scaled[2 * i], scaled[2 * i + 1]) = (factor * sums[2 * i], factor * along);
        }
        if (IsFixed)
            Array.Clear(scaled);
        var (level, slopes) = (Means(scaled, 0), Means(scaled, 1));
        return
        [
            .. Enumerable
                .Range(0, images)
                .Select(image =>
                {
                    var back = BackwardAffine.None(channels);
                    for (var c = 0; c < channels; c++)
                    {
                        var i = image * channels + c;
                        var slope = -inverse[i] * inverse[i] * slopes[i];
                        back.Slope[c] = (float)slope;
                        back.Offset[c] = (float)(-inverse[i] * level[i] - slope * mean[i]);
                    }
                    return back;
                }),
        ];
    }

    /// <summary>The mean of each image's channel over all that it shares statistics with.</summary>
    private double[] Means(ReadOnlySpan<double> sums, int part)
    {
        var totals = new double[mean.Length];
        for (var i = 0; i < mean.Length; i++)
            totals[Shared(i)] += sums[2 * i + part];
        var means = new double[mean.Length];
        for (var i = 0; i < mean.Length; i++)
            means[i] = totals[Shared(i)] / Count;
        return means;
    }

    private int Shared(int i) => kind == NormKind.Batch ? i % channels : i / (channels / groups);
}

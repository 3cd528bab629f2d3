using KneeSeg.Data.Preprocessing;

namespace KneeSeg.Runs;

/// <summary>
/// How intensities are normalized, written in recipes as <c>percentiles</c>, or <c>t2=zScore, percentiles</c> where channels
/// differ.
/// </summary>
/// <param name="Default">The rule of channels without one of their own.</param>
/// <param name="Each">Rules by channel; may be empty.</param>
public sealed record IntensityRules(
    NormalizationMethod Default,
    IReadOnlyList<ChannelIntensity> Each
)
{
    /// <summary>One rule for all channels.</summary>
    public static implicit operator IntensityRules(NormalizationMethod all) => new(all, []);

    /// <summary>The rules in the order of a dataset's channels; null where the default holds for all.</summary>
    /// <param name="channels">Their names.</param>
    /// <exception cref="ProblemException">A rule is for another channel (exit 2).</exception>
    public ChannelNormalization? For(IReadOnlyList<string> channels)
    {
        if (Each.FirstOrDefault(one => !channels.Contains(one.Channel)) is { } other)
            throw new ProblemException(
                ExitCode.Usage,
                $"--set intensity={RecipeFields.Text(this)}",
                $"the dataset has no channel '{other.Channel}'",
                channels is []
                    ? "Its images have one channel: write one rule"
                    : $"{Suggestion.DidYouMean(channels, other.Channel)} Its channels are {string.Join(", ", channels)}"
            );
        return Each is []
            ? null
            : new([
                .. channels.Select(channel =>
                    Each.FirstOrDefault(one => one.Channel == channel)?.Rule ?? Default
                ),
            ]);
    }

    /// <inheritdoc/>
    public bool Equals(IntensityRules? other) =>
        other is not null && Default == other.Default && Each.SequenceEqual(other.Each);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Each.Aggregate((int)Default, (hash, one) => HashCode.Combine(hash, one));
}

/// <summary>The normalization of a channel.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Rule">How its intensities are normalized.</param>
public sealed record ChannelIntensity(string Channel, NormalizationMethod Rule);

namespace KneeSeg.Runs;

/// <summary>How a network's named outputs are trained, written in recipes as <c>boundary=smooth-l1*0.5, knee=0.2</c>.</summary>
/// <param name="Each">Of outputs that differ; all others have the defaults of their targets.</param>
public sealed record OutputLosses(IReadOnlyList<OutputLoss> Each)
{
    /// <summary>The loss of an output; null if none is given.</summary>
    public OutputLoss? Of(string output) => Each.FirstOrDefault(one => one.Output == output);

    /// <inheritdoc/>
    public bool Equals(OutputLosses? other) => other is not null && Each.SequenceEqual(other.Each);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Each.Aggregate(0, (hash, one) => HashCode.Combine(hash, one));
}

/// <summary>How a named output is trained.</summary>
/// <param name="Output">Its name.</param>
/// <param name="Loss">A <see cref="LossKind"/> or a <see cref="DistanceLossKind"/>; null for its target's default.</param>
/// <param name="Weight">Its weight in the sum; null for its target's default.</param>
public sealed record OutputLoss(string Output, Enum? Loss, double? Weight);

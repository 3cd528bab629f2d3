namespace KneeSeg.Experiments;

/// <summary>A part of the work of a sweep, a cross-validation or a prediction, for one of several machines.</summary>
/// <param name="Index">Its number, from 1.</param>
/// <param name="Count">Number of shards.</param>
public sealed record Shard(int Index, int Count)
{
    /// <summary>Whether a run, fold or image belongs to it.</summary>
    /// <param name="number">Its number, from 0.</param>
    public bool Has(int number) => number % Count == Index - 1;
}

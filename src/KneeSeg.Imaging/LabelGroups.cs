using System.Collections;

namespace KneeSeg.Imaging;

/// <summary>
/// What the labels of a source distinguish: groups of classes, each class in one. The background's group also has every
/// structure that the source does not label. In volumes the lowest class stands for its group.
/// </summary>
public sealed class LabelGroups : IReadOnlyList<IReadOnlyList<int>>, IEquatable<LabelGroups>
{
    private readonly IReadOnlyList<IReadOnlyList<int>> groups;
    private readonly byte[] lowest;

    /// <param name="groups">The groups, together all classes from 0.</param>
    public LabelGroups(IEnumerable<IReadOnlyList<int>> groups)
    {
        this.groups =
        [
            .. groups.Select(group => (int[])[.. group.Order()]).OrderBy(group => group[0]),
        ];
        lowest = new byte[this.groups.Sum(group => group.Count)];
        foreach (var group in this.groups)
        foreach (var label in group)
            lowest[label] = (byte)group[0];
    }

    /// <inheritdoc />
    public int Count => groups.Count;

    /// <summary>A group's classes, in order; groups are ordered by their lowest class.</summary>
    public IReadOnlyList<int> this[int index] => groups[index];

    /// <summary>How many classes there are.</summary>
    public int Classes => lowest.Length;

    /// <summary>Whether every class is a group of its own.</summary>
    public bool AreSingle => Count == Classes;

    /// <summary>The class that stands for a class's group.</summary>
    public byte Of(int label) => lowest[label];

    /// <summary>Whether classes are whole groups, so that their voxels are known.</summary>
    public bool Distinguish(params IReadOnlyCollection<int> classes) =>
        groups.All(group => group.All(classes.Contains) || !group.Any(classes.Contains));

    /// <summary>Replaces each label by its group's lowest class; ignored voxels are kept.</summary>
    public void Merge(Span<byte> labels)
    {
        foreach (ref var label in labels)
            if (label < lowest.Length)
                label = lowest[label];
    }

    /// <summary>The groups, such as <c>0+3 1 2</c>.</summary>
    public override string ToString() =>
        string.Join(' ', groups.Select(group => string.Join('+', group)));

    /// <inheritdoc />
    public bool Equals(LabelGroups? other) =>
        other is not null && lowest.AsSpan().SequenceEqual(other.lowest);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as LabelGroups);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(lowest);
        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public IEnumerator<IReadOnlyList<int>> GetEnumerator() => groups.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

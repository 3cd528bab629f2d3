using System.Text.Json.Serialization;

namespace KneeSeg.Imaging;

/// <summary>How the files of one source number their labels, and what each value means among the classes of all sources.</summary>
/// <param name="Name">The source.</param>
/// <param name="Labels">Its own names by value, background first.</param>
/// <param name="Classes">
/// By value, the classes that it stands for; together all. The background also stands for each structure that the source does
/// not label.
/// </param>
public sealed record LabelSource(
    string Name,
    IReadOnlyList<string> Labels,
    IReadOnlyList<IReadOnlyList<int>> Classes
)
{
    /// <summary>Its value of unannotated voxels; null if every voxel is annotated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte? Ignore { get; init; }

    /// <summary>A source by what its structures mean; its background stands for all other classes.</summary>
    /// <param name="name">The source.</param>
    /// <param name="labels">Its own names by value, background first.</param>
    /// <param name="structures">By value from 1, the classes that it stands for.</param>
    /// <param name="classes">How many there are.</param>
    public static LabelSource Of(
        string name,
        IReadOnlyList<string> labels,
        IReadOnlyList<IReadOnlyList<int>> structures,
        int classes
    ) =>
        new(
            name,
            labels,
            [
                [.. Enumerable.Range(0, classes).Except(structures.SelectMany(one => one))],
                .. structures,
            ]
        );

    /// <summary>Whether it leaves structures unlabeled, so that its background may be one of them.</summary>
    [JsonIgnore]
    public bool IsPartial => Classes[0].Count > 1;

    /// <summary>What its labels distinguish.</summary>
    [JsonIgnore]
    public LabelGroups Groups => new(Classes);

    /// <summary>Replaces its own values by classes, each the lowest that a value stands for; ignored voxels are kept.</summary>
    public void ToClasses(Span<byte> labels)
    {
        foreach (ref var label in labels)
            if (label < Classes.Count)
                label = (byte)Classes[label].Min();
    }

    /// <summary>Whether both number and mean the same.</summary>
    public bool IsSame(LabelSource other) =>
        Name == other.Name
        && Ignore == other.Ignore
        && Labels.SequenceEqual(other.Labels)
        && Classes.Zip(other.Classes).All(pair => pair.First.SequenceEqual(pair.Second));
}

/// <summary>A union of structures with a name of its own, such as a cartilage of its medial and lateral parts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Structures">The names of its structures.</param>
public sealed record NamedRegion(string Name, IReadOnlyList<string> Structures);

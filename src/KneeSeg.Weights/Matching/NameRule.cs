using System.Globalization;
using System.Text.RegularExpressions;

namespace KneeSeg.Weights.Matching;

/// <summary>
/// How a program names layers: by what it is recognized, and the order in which the layers run. A layer's name is rewritten to
/// its place in that order, numbers between dots such as <c>1.0.2</c>; where parallel branches may run in either order, one of
/// them has a star.
/// </summary>
/// <param name="Program">Whose names they are.</param>
/// <param name="Sign">A pattern that only its files have.</param>
/// <param name="Places">Patterns and what replaces them, one after the other.</param>
internal sealed record NameRule(
    string Program,
    string Sign,
    params (string Pattern, string Place)[] Places
)
{
    /// <summary>Layers of deep supervision, which only training needs.</summary>
    public string? Heads { get; init; }

    /// <summary>Whether the last of <see cref="Heads"/> is the network's own output.</summary>
    public bool LastHeadIsOutput { get; init; }

    /// <summary>Layers that a network for segmentation does not need.</summary>
    public string? Unused { get; init; }

    /// <summary>Further names of the same layers, and what replaces them.</summary>
    public (string Pattern, string Name)[] Copies { get; init; } = [];

    public bool Recognizes(WeightModule module) => Regex.IsMatch(module.Name, Sign);

    public bool IsHead(WeightModule module) =>
        Heads is not null && Regex.IsMatch(module.Name, Heads);

    public bool IsUnused(WeightModule module) =>
        Unused is not null && Regex.IsMatch(module.Name, Unused);

    /// <summary>The name by which a layer goes first.</summary>
    public string FirstName(string name) =>
        Copies.Aggregate(name, (at, copy) => Regex.Replace(at, copy.Pattern, copy.Name));

    /// <summary>The layers in the order in which they run.</summary>
    /// <param name="modules">In any order; those that are equal stay as they are.</param>
    /// <param name="late">Whether branches with a star run after the others.</param>
    public IReadOnlyList<WeightModule> Ordered(IEnumerable<WeightModule> modules, bool late) =>
        [
            .. modules.OrderBy(
                module =>
                    Places.Aggregate(
                        FirstName(module.Name),
                        (at, place) => Regex.Replace(at, place.Pattern, place.Place)
                    ),
                Comparer<string>.Create((a, b) => Compare(a.Split('.'), b.Split('.'), late))
            ),
        ];

    private static int Compare(string[] a, string[] b, bool late)
    {
        foreach (var (first, second) in a.Zip(b))
            if (Rank(first, late).CompareTo(Rank(second, late)) is not 0 and var order)
                return order;
        return a.Length.CompareTo(b.Length);
    }

    private static (int, int, string) Rank(string part, bool late) =>
        part is "*" ? (late ? 3 : 0, 0, "")
        : int.TryParse(part, CultureInfo.InvariantCulture, out var number) ? (1, number, "")
        : (2, 0, part);
}

using System.Text.Json.Serialization;

namespace KneeSeg.Data.Validation;

/// <summary>A reason to look at an image or its predicted labels.</summary>
/// <param name="Id">What kind it is, the same in every version, such as <c>field-of-view</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="What">What is unusual, without a full stop.</param>
/// <param name="Fix">What to do, without a full stop.</param>
public sealed record QualityFlag(string Id, FlagSeverity Severity, string What, string Fix)
{
    /// <summary>As a person reads it.</summary>
    public override string ToString() => $"{What}. {Fix}.";
}

/// <summary>How much a flag matters.</summary>
[JsonConverter(typeof(CamelCaseSeverity))]
public enum FlagSeverity
{
    /// <summary>The labels should be looked at.</summary>
    Warning,

    /// <summary>The labels are probably wrong.</summary>
    Severe,
}

/// <summary>A case and its flags.</summary>
/// <param name="Id">The case.</param>
/// <param name="Flags">The most severe first.</param>
public sealed record FlaggedCase(string Id, IReadOnlyList<QualityFlag> Flags)
{
    private int Severe => Flags.Count(flag => flag.Severity == FlagSeverity.Severe);

    /// <summary>Cases that have flags: those with most severe ones first, then those with most flags.</summary>
    public static IReadOnlyList<FlaggedCase> WorstFirst(IEnumerable<FlaggedCase> cases) =>
        [
            .. cases
                .Where(one => one.Flags.Count > 0)
                .Select(one =>
                    one with
                    {
                        Flags = [.. one.Flags.OrderByDescending(flag => flag.Severity)],
                    }
                )
                .OrderByDescending(one => one.Severe)
                .ThenByDescending(one => one.Flags.Count)
                .ThenBy(one => one.Id, StringComparer.Ordinal),
        ];
}

internal sealed class CamelCaseSeverity()
    : JsonStringEnumConverter<FlagSeverity>(System.Text.Json.JsonNamingPolicy.CamelCase);

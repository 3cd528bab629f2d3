using System.Globalization;
using System.Text.RegularExpressions;
using static System.FormattableString;

namespace KneeSeg;

/// <summary>Durations as people write them: <c>2h</c>, <c>30m</c>, <c>1h30m</c>, <c>45s</c>.</summary>
public static partial class DurationText
{
    /// <summary>Reads a duration above zero; null for any other text.</summary>
    public static TimeSpan? Parse(string text)
    {
        var found = Pattern().Match(text.Trim().ToLowerInvariant());
        if (!found.Success)
            return null;
        var seconds = Part("h") * 3600 + Part("m") * 60 + Part("s");
        return seconds is > 0 and < 1e8 ? TimeSpan.FromSeconds(seconds) : null;

        double Part(string unit) =>
            found.Groups[unit] is { Success: true, Value: var number }
                ? double.Parse(number, CultureInfo.InvariantCulture)
                : 0;
    }

    /// <summary>To the minute, or to the second below ten minutes, as <see cref="Parse"/> reads it.</summary>
    public static string Of(TimeSpan duration)
    {
        var seconds = Math.Max(1, Math.Round(duration.TotalSeconds));
        if (seconds < 60)
            return Invariant($"{seconds}s");
        if (seconds < 600)
            return Invariant($"{Math.Floor(seconds / 60)}m")
                + (seconds % 60 > 0 ? Invariant($"{seconds % 60}s") : "");
        var minutes = Math.Round(seconds / 60);
        return minutes < 60
            ? Invariant($"{minutes}m")
            : Invariant($"{Math.Floor(minutes / 60)}h")
                + (minutes % 60 > 0 ? Invariant($"{minutes % 60}m") : "");
    }

    [GeneratedRegex(
        @"^(?:(?<h>\d+(?:\.\d+)?)h)?(?:(?<m>\d+(?:\.\d+)?)m)?(?:(?<s>\d+(?:\.\d+)?)s)?$"
    )]
    private static partial Regex Pattern();
}

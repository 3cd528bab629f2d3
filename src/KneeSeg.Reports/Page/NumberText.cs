using System.Globalization;
using KneeSeg.Evaluation;

namespace KneeSeg.Reports.Page;

/// <summary>Numbers in pages and tables; an undefined value is a dash, never a zero.</summary>
internal static class NumberText
{
    private const string Dash = "–";

    /// <summary>A fraction such as Dice: 0.823.</summary>
    public static string Fraction(double? value) => Format(value, "0.000");

    /// <summary>Such as <c>1234</c>.</summary>
    public static string Whole(double? value) => Format(value, "0");

    /// <summary>Such as <c>3.1</c>.</summary>
    public static string Tenth(double? value) => Format(value, "0.0");

    /// <summary>A distance in mm: 0.42.</summary>
    public static string Millimeters(double? value) => Format(value, "0.00");

    /// <summary>A signed change: −0.048.</summary>
    public static string Change(double? value) => Format(value, "+0.000;−0.000;0.000");

    /// <summary>A signed ratio or rate: −2.23.</summary>
    public static string Rate(double? value) => Format(value, "0.00;−0.00;0.00");

    /// <summary>A p-value: 0.0391.</summary>
    public static string P(double? value) => value < 0.0001 ? "< 0.0001" : Format(value, "0.0000");

    /// <summary>The ends of an interval: −1.54 to −0.45.</summary>
    public static string Within(Interval? interval, Func<double?, string> format) =>
        interval is null ? Dash : $"{format(interval.Low)} to {format(interval.High)}";

    /// <summary>A name, and who measured it: cMT, reader A.</summary>
    public static string By(string name, string? reader) =>
        reader is null ? name : $"{name}, {reader}";

    /// <summary>A signed, relative difference in percent: +3.1 %.</summary>
    public static string Percent(double? value) =>
        Signed(value) is var text && text == Dash ? Dash : $"{text} %";

    /// <summary>A mean and its standard deviation: 0.823 ± 0.041.</summary>
    public static string Spread(double? mean, double? deviation, Func<double?, string> format) =>
        mean is null || deviation is null ? format(mean) : $"{format(mean)} ± {format(deviation)}";

    /// <summary>A mean and its standard deviation in percent: +3.1 ± 4.0 %.</summary>
    public static string PercentSpread(double? mean, double? deviation) =>
        mean is null || deviation is null
            ? Percent(mean)
            : $"{Signed(mean)} ± {Format(deviation * 100, "0.0")} %";

    /// <summary>An integer in groups of three digits: 1 402 037.</summary>
    public static string Count(long value) =>
        value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    /// <summary>A large number with three digits: 27.6 G.</summary>
    public static string Large(double value) =>
        value switch
        {
            >= 1e12 => Figure(value / 1e12, "T"),
            >= 1e9 => Figure(value / 1e9, "G"),
            >= 1e6 => Figure(value / 1e6, "M"),
            >= 1e3 => Figure(value / 1e3, "k"),
            _ => value.ToString("0", CultureInfo.InvariantCulture),
        };

    /// <summary>A time in a readable unit: 43 s, 12 min, 3.5 h.</summary>
    public static string Duration(double seconds) =>
        seconds switch
        {
            < 100 => $"{seconds:0} s",
            < 6000 => $"{seconds / 60:0} min",
            _ => $"{seconds / 3600:0.0} h",
        };

    /// <summary>A number with its noun: 1 case, 4 cases.</summary>
    public static string Of(int number, string noun) =>
        $"{number} {noun}{(number == 1 ? "" : "s")}";

    private static string Signed(double? fraction) => Format(fraction * 100, "+0.0;−0.0;0.0");

    private static string Figure(double value, string unit) =>
        value.ToString(
            value >= 100 ? "0"
                : value >= 10 ? "0.0"
                : "0.00",
            CultureInfo.InvariantCulture
        )
        + "\u00a0"
        + unit;

    private static string Format(double? value, string format) =>
        value is { } number && double.IsFinite(number)
            ? number.ToString(format, CultureInfo.InvariantCulture)
            : Dash;
}

using System.Globalization;

namespace KneeSeg.Torch.PyTorch;

/// <summary>Values and names as Python writes them.</summary>
internal static class PythonText
{
    private static readonly HashSet<string> Taken =
    [
        .. "and as assert async await break class continue def del elif else except finally for from global if".Split(),
        .. "import in is lambda nonlocal not or pass raise return try while with yield None True False".Split(),
        // What modules of PyTorch are or do already.
        .. "apply bfloat16 buffers children compile cpu cuda double eval float forward half ipu modules".Split(),
        .. "parameters to train training type xpu".Split(),
    ];

    public static string Number(double value) =>
        value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();

    public static string Bool(bool value) => value ? "True" : "False";

    /// <summary>A number for each axis, or one for all where they are equal.</summary>
    public static string Axes(int[] values) =>
        values.Distinct().Count() == 1 ? $"{values[0]}" : Tuple(values);

    public static string Tuple(IEnumerable<int> values) =>
        values.ToArray() is var all && all.Length == 1
            ? $"({all[0]},)"
            : $"({string.Join(", ", all)})";

    /// <summary>The sides of a map as torch's pad takes them, from the last axis to the first; negative ones crop.</summary>
    public static string Sides(int[] before, int[] after, int sign = 1) =>
        Tuple(
            before
                .Zip(after)
                .Reverse()
                .SelectMany(side => new[] { sign * side.First, sign * side.Second })
        );

    /// <summary>The attributes that lead to a layer, such as <c>level1.encode.conv1</c>: its own name, made valid.</summary>
    public static string Attributes(string layer) =>
        string.Join('.', layer.Split('.').Select(Attribute));

    private static string Attribute(string name)
    {
        var valid = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return Taken.Contains(valid) ? valid + "_"
            : char.IsAsciiDigit(valid[0]) ? "_" + valid
            : valid;
    }
}

using System.Text.RegularExpressions;

namespace KneeSeg.Imaging.Formats;

/// <summary>The spatial axes of an NRRD and its affine in RAS+ mm.</summary>
internal static partial class NrrdSpace
{
    /// <summary>The three spatial axes; the others list values of the same voxel.</summary>
    /// <exception cref="ProblemException">There are more or fewer (exit 3).</exception>
    public static int[] Axes(NrrdHeader header, int rank)
    {
        var directions = Directions(header);
        var kinds = header.Find("kinds") is { } text ? NrrdHeader.Words(text) : [];
        if (directions.Length > 0 && directions.Length != rank || kinds.Length > rank)
            throw header.Bad(
                $"it has {rank} dimensions, {directions.Length} space directions and {kinds.Length} kinds",
                "Save it again from 3D Slicer as .nrrd or .nii.gz"
            );
        bool IsSpace(int axis) =>
            directions.Length > 0
                ? directions[axis] != "none"
                : axis >= kinds.Length
                    || kinds[axis].ToLowerInvariant() is "domain" or "space" or "???" or "none";
        int[] axes = [.. Enumerable.Range(0, rank).Where(IsSpace)];
        return axes.Length == 3
            ? axes
            : throw header.Bad(
                $"it has {rank} dimensions, {axes.Length} of them spatial",
                "Save one 3D volume per file, for example from 3D Slicer"
            );
    }

    /// <summary>The affine; inconsistencies become warnings.</summary>
    /// <exception cref="ProblemException">It is invalid (exit 3).</exception>
    public static Affine Affine(NrrdHeader header, int[] axes, List<string> warnings)
    {
        var scale = MillimetersPerUnit(header, axes, warnings);
        var steps = Steps(header, axes, warnings);
        var (right, front) = Signs(header, warnings);
        var origin = header.Find("space origin") is { } text
            ? Vector(header, "space origin", text)
            : default;
        if (header.Find("space origin") is null && header.Find("space directions") is not null)
            warnings.Add("it has no origin; assuming the first voxel at (0, 0, 0)");
        Point3 InRas(Point3 p) => scale * new Point3(right * p.X + 0.0, front * p.Y + 0.0, p.Z);
        var affine = Imaging.Affine.FromColumns(
            InRas(steps[0]),
            InRas(steps[1]),
            InRas(steps[2]),
            InRas(origin)
        );
        if (!affine.IsInvertible)
            throw header.Bad(
                "its space directions or spacings are not finite or are singular",
                "Restore the orientation from the scanner's files"
            );
        NiftiAffine.WarnOfShear(affine, warnings);
        return affine;
    }

    private static Point3[] Steps(NrrdHeader header, int[] axes, List<string> warnings)
    {
        var directions = Directions(header);
        if (directions.Length > 0)
            return Array.ConvertAll(
                axes,
                axis => Vector(header, "space directions", directions[axis])
            );
        warnings.Add("it has no orientation; assuming axes left, posterior, superior");
        var spacings = header.Find("spacings") is { } text
            ? header.Numbers("spacings", text)
            : null;
        if (spacings is null)
            warnings.Add("it has no spacing; assuming 1 mm");
        if (spacings?.Length <= axes.Max())
            throw header.Bad(
                $"it has only {spacings.Length} spacings for {axes.Max() + 1} dimensions",
                "Save it again from 3D Slicer as .nrrd or .nii.gz"
            );
        double Spacing(int axis) => spacings?[axis] ?? 1;
        return
        [
            new(Spacing(axes[0]), 0, 0),
            new(0, Spacing(axes[1]), 0),
            new(0, 0, Spacing(axes[2])),
        ];
    }

    // Which way the first two axes of its space run along right and anterior.
    private static (int Right, int Front) Signs(NrrdHeader header, List<string> warnings)
    {
        switch (header.Find("space")?.ToLowerInvariant())
        {
            case "left-posterior-superior" or "lps":
                return (-1, -1);
            case "right-anterior-superior" or "ras":
                return (1, 1);
            case "left-anterior-superior" or "las":
                return (-1, 1);
            case null when header.Find("space directions") is null:
                return (-1, -1);
            // As ITK and 3D Slicer treat non-anatomical spaces.
            case null or "scanner-xyz" or "3d-right-handed" or "3d-left-handed":
                warnings.Add(
                    $"its space is {header.Find("space") ?? "not named"}; assuming left-posterior-superior"
                );
                return (-1, -1);
            default:
                throw header.Bad(
                    $"its space \"{header.Find("space")}\" is not supported",
                    "Save one 3D volume in left-posterior-superior, as 3D Slicer does"
                );
        }
    }

    private static double MillimetersPerUnit(NrrdHeader header, int[] axes, List<string> warnings)
    {
        var (field, axis) = header.Find("space directions") is null
            ? ("units", axes[0])
            : ("space units", 0);
        var units = Quoted().Matches(header.Find(field) ?? "");
        var unit = axis < units.Count ? units[axis].Groups[1].Value.Trim() : "";
        if (unit is not ("" or "mm" or "millimeter" or "millimeter" or "m" or "cm" or "um" or "µm"))
            warnings.Add($"its length unit \"{unit}\" is unknown; assuming mm");
        return unit switch
        {
            "m" => 1000,
            "cm" => 10,
            "um" or "µm" => 0.001,
            _ => 1,
        };
    }

    private static string[] Directions(NrrdHeader header) =>
        [
            .. VectorOrNone()
                .Matches(header.Find("space directions") ?? "")
                .Select(match => match.Value),
        ];

    private static Point3 Vector(NrrdHeader header, string field, string text) =>
        header.Numbers(field, text.Trim('(', ')', ' ')) is [var x, var y, var z]
            ? new(x, y, z)
            : throw header.Bad(
                $"its {field} contains \"{text}\" instead of a vector of three numbers",
                "Save it again from 3D Slicer as .nrrd or .nii.gz"
            );

    [GeneratedRegex(@"none|\([^)]*\)")]
    private static partial Regex VectorOrNone();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();
}

using System.Text;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// Label names and colors for viewers: ITK-SNAP's label descriptions and 3D Slicer's color table, in the reports' colors.
/// </summary>
public static class ColorTables
{
    /// <summary>The file for ITK-SNAP: Segmentation, Import Label Descriptions.</summary>
    public const string ItkSnapName = "labels.txt";

    /// <summary>The file for 3D Slicer: Add Data, or the color node of an export or import of labels.</summary>
    public const string SlicerName = "labels.ctbl";

    /// <summary>Writes both into a folder. Existing files of these names that are not such tables are kept.</summary>
    /// <param name="folder">Where the label volumes are.</param>
    /// <param name="labels">The profile's names by label, the background's first.</param>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public static void Write(string folder, IReadOnlyList<string> labels)
    {
        Write(Path.Combine(folder, ItkSnapName), ItkSnap(labels));
        Write(Path.Combine(folder, SlicerName), Slicer(labels));
    }

    private static void Write(string path, string table)
    {
        if (!File.Exists(path) || FirstLine(path) == table[..table.IndexOf('\n')])
            AtomicFile.WriteText(path, table);
    }

    // Null if it can't be read, so that it is not overwritten.
    private static string? FirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault();
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            return null;
        }
    }

    // Index, red, green, blue, opacity 0 to 1, shown in slices, shown in 3D, name.
    private static string ItkSnap(IReadOnlyList<string> labels)
    {
        var text = new StringBuilder("# ITK-SnAP Label Description File\n")
            .Append("# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL\n")
            .Append("    0     0    0    0     0    0   0  \"Clear Label\"\n");
        foreach (var (label, name, color) in Colored(labels))
            text.Append(
                $"{label, 5} {color.Red, 5} {color.Green, 4} {color.Blue, 4} {1, 5} {1, 4} {1, 3}  \"{name.Replace('"', '\'')}\"\n"
            );
        return text.ToString();
    }

    // Index, name without spaces, red, green, blue, opacity 0 to 255.
    private static string Slicer(IReadOnlyList<string> labels)
    {
        var text = new StringBuilder($"# Color table file {SlicerName}\n")
            .Append($"# {labels.Count} values\n")
            .Append($"0 {Word(labels[0])} 0 0 0 0\n");
        foreach (var (label, name, color) in Colored(labels))
            text.Append($"{label} {Word(name)} {color.Red} {color.Green} {color.Blue} 255\n");
        return text.ToString();
    }

    private static IEnumerable<(int Label, string Name, Rgb Color)> Colored(
        IReadOnlyList<string> labels
    ) =>
        labels.Index().Skip(1).Select(one => (one.Index, one.Item, LabelPalette.OnDark(one.Index)));

    private static string Word(string name) =>
        string.Concat(name.Select(letter => char.IsWhiteSpace(letter) ? '_' : letter));
}

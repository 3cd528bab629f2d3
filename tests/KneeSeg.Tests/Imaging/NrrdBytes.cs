using System.Text;

namespace KneeSeg.Tests.Imaging;

/// <summary>NRRD files line by line, right or wrong; nothing in the product writes them.</summary>
internal static class NrrdBytes
{
    /// <summary>A header of 2×3×4 bytes, 1×2×3 mm along left, posterior and superior, as 3D Slicer writes it.</summary>
    public const string Plain = """
        NRRD0004
        # a comment
        type: unsigned char
        dimension: 3
        space: left-posterior-superior
        sizes: 2 3 4
        space directions: (1,0,0) (0,2,0) (0,0,3)
        kinds: domain domain domain
        encoding: raw
        space origin: (10,20,30)

        """;

    /// <summary>The same header for a segmentation of a size, with some segments: name, value, layer.</summary>
    public static string Segmentation(
        string size,
        params (string Name, int Value, int Layer)[] segments
    )
    {
        var layers = segments.Max(segment => segment.Layer) + 1;
        var header =
            layers == 1
                ? Plain.Replace("2 3 4", size)
                : Plain
                    .Replace("dimension: 3", "dimension: 4")
                    .Replace("sizes: 2 3 4", $"sizes: {layers} {size}")
                    .Replace("directions: ", "directions: none ")
                    .Replace("kinds: ", "kinds: list ");
        return header
            + string.Concat(
                segments.Select(
                    (segment, i) =>
                        $"Segment{i}_ID:=Segment_{i + 1}\nSegment{i}_Name:={segment.Name}\n"
                        + $"Segment{i}_LabelValue:={segment.Value}\nSegment{i}_Layer:={segment.Layer}\n"
                )
            )
            + "Segmentation_MasterRepresentation:=Binary labelmap\n";
    }

    /// <summary>A header, the empty line, and voxels.</summary>
    public static byte[] Of(string header, params byte[] voxels) =>
        [.. Encoding.UTF8.GetBytes(header.ReplaceLineEndings("\n") + "\n"), .. voxels];
}

namespace KneeSeg.Rendering;

/// <summary>A slice three times side by side, for images with a palette: plain, with the reference, with the prediction.</summary>
internal static class SliceRow
{
    private const int Gap = 4;
    private static readonly string[] Names = ["image", "reference", "prediction"];

    /// <summary>Draws a slice.</summary>
    /// <param name="gray">The image.</param>
    /// <param name="truth">The reference labels.</param>
    /// <param name="found">The predicted labels.</param>
    /// <param name="width">Of each of the three, in pixels.</param>
    public static Raster Draw(Slice<byte> gray, Slice<byte> truth, Slice<byte> found, int width)
    {
        var height = SlicePicture.Height(gray, width);
        var row = Raster.Plain(Width(width), height, Palette.Ground);
        Slice<byte>?[] panels = [null, truth, found];
        foreach (var (i, labels) in panels.Index())
            row.Paint(SlicePicture.Sharp(gray, labels, width, height), i * (width + Gap), 0);
        return row;
    }

    /// <summary>Writes what the three are.</summary>
    /// <param name="picture">Where.</param>
    /// <param name="width">Of each of the three, in pixels.</param>
    /// <param name="top">The row where it is written.</param>
    public static void Name(Raster picture, int width, int top)
    {
        foreach (var (i, name) in Names.Index())
            picture.Write(name, i * (width + Gap) + Gap, top, Palette.Ink);
    }

    /// <summary>How wide three of a width are together.</summary>
    public static int Width(int width) => Names.Length * (width + Gap) - Gap;
}

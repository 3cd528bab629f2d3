namespace KneeSeg.Rendering;

/// <summary>A fixed slice of a monitored case.</summary>
/// <param name="Title">Which case, such as "validation knee-0007".</param>
/// <param name="Gray">The image.</param>
/// <param name="Truth">The reference labels.</param>
/// <param name="Found">The current prediction.</param>
public sealed record MonitoredSlice(
    string Title,
    Slice<byte> Gray,
    Slice<byte> Truth,
    Slice<byte> Found
);

/// <summary>A snapshot of the training: a row for each monitored slice with image, reference and prediction.</summary>
public static class ValidationSnapshot
{
    private const int Width = 200;
    private const int Gap = 4;
    private const int Line = Raster.TextHeight + Gap;

    /// <summary>Draws the snapshot.</summary>
    /// <param name="caption">Epoch and Dice.</param>
    /// <param name="slices">At least one.</param>
    public static Raster Draw(string caption, IReadOnlyList<MonitoredSlice> slices)
    {
        Raster[] rows =
        [
            .. slices.Select(one => SliceRow.Draw(one.Gray, one.Truth, one.Found, Width)),
        ];
        var picture = Raster.Plain(
            SliceRow.Width(Width),
            2 * Line + rows.Sum(row => Line + row.Height),
            Palette.Ground
        );
        picture.Write(caption, Gap, Gap / 2, Palette.Ink);
        SliceRow.Name(picture, Width, Line + Gap / 2);
        var top = 2 * Line;
        foreach (var (slice, row) in slices.Zip(rows))
        {
            picture.Write(slice.Title, Gap, top + Gap / 2, Palette.Ink);
            picture.Paint(row, 0, top + Line);
            top += row.Height + Line;
        }
        return picture;
    }
}

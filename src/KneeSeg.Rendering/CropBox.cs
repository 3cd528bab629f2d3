namespace KneeSeg.Rendering;

/// <summary>A rectangle of pixels of a slice.</summary>
/// <param name="Left">Its first column.</param>
/// <param name="Top">Its first row.</param>
/// <param name="Width">Columns, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
public readonly record struct CropBox(int Left, int Top, int Width, int Height)
{
    /// <summary>The smallest frame with all labeled pixels of some slices and a margin; the whole where none is labeled.</summary>
    /// <param name="margin">In mm.</param>
    /// <param name="slices">Label slices of one size.</param>
    public static CropBox Around(double margin, params ReadOnlySpan<Slice<byte>> slices)
    {
        var first = slices[0];
        var (left, top, right, bottom) = (first.Width, first.Height, -1, -1);
        foreach (var slice in slices)
            for (var i = 0; i < slice.Pixels.Length; i++)
                if (slice.Pixels[i] != 0)
                {
                    var (row, column) = Math.DivRem(i, slice.Width);
                    (left, right) = (Math.Min(left, column), Math.Max(right, column));
                    (top, bottom) = (Math.Min(top, row), Math.Max(bottom, row));
                }
        if (right < 0)
            return new(0, 0, first.Width, first.Height);
        var beside = (int)Math.Ceiling(margin / first.PixelWidth);
        var above = (int)Math.Ceiling(margin / first.PixelHeight);
        left = Math.Max(0, left - beside);
        top = Math.Max(0, top - above);
        return new(
            left,
            top,
            Math.Min(first.Width, right + beside + 1) - left,
            Math.Min(first.Height, bottom + above + 1) - top
        );
    }
}

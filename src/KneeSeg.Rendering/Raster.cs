using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>A color picture: pixel (column, row) is at <c>column + Width · row</c>, row 0 on top.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">The colors.</param>
public sealed record Raster(int Width, int Height, Rgb[] Pixels)
{
    /// <summary>Rows that a line of text takes, what hangs below its base line included.</summary>
    public const int TextHeight = CaptionFont.Height;

    /// <summary>A picture of one color.</summary>
    public static Raster Plain(int width, int height, Rgb color)
    {
        var pixels = new Rgb[width * height];
        Array.Fill(pixels, color);
        return new(width, height, pixels);
    }

    /// <summary>Paints another picture onto this one.</summary>
    /// <param name="picture">Fits into this one at its place.</param>
    /// <param name="left">The column of its first column.</param>
    /// <param name="top">The row of its first row.</param>
    public void Paint(Raster picture, int left, int top)
    {
        for (var row = 0; row < picture.Height; row++)
            picture
                .Pixels.AsSpan(row * picture.Width, picture.Width)
                .CopyTo(Pixels.AsSpan((top + row) * Width + left));
    }

    /// <summary>Writes a line of text, <see cref="TextHeight"/> high; what does not fit is cut off.</summary>
    /// <param name="text">Letters of ASCII and Latin-1; others are boxes.</param>
    /// <param name="left">The column where it begins.</param>
    /// <param name="top">The row where its line begins; capitals begin three rows below.</param>
    /// <param name="color">Its color.</param>
    public void Write(string text, int left, int top, Rgb color)
    {
        foreach (var (x, y, ink) in CaptionFont.Draw(text))
        {
            var (column, row) = (left + x, top + y);
            if (column >= 0 && column < Width && row < Height)
                Pixels[column + Width * row] = color.Over(Pixels[column + Width * row], ink);
        }
    }

    /// <summary>Half as wide and high, each pixel the mean of four: smooth edges.</summary>
    public Raster Halved()
    {
        var (width, height) = (Width / 2, Height / 2);
        var pixels = new Rgb[width * height];
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            var i = 2 * x + 2 * y * Width;
            var (a, b, c, d) = (Pixels[i], Pixels[i + 1], Pixels[i + Width], Pixels[i + Width + 1]);
            pixels[x + width * y] = new(
                (byte)((a.Red + b.Red + c.Red + d.Red + 2) / 4),
                (byte)((a.Green + b.Green + c.Green + d.Green + 2) / 4),
                (byte)((a.Blue + b.Blue + c.Blue + d.Blue + 2) / 4)
            );
        }
        return new(width, height, pixels);
    }
}

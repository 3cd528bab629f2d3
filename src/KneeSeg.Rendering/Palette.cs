using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>
/// The colors of pictures that have at most 256: grays for an image, for each label the same grays under its tint and
/// its color alone, and those of captions. Only the number of labels decides, so pictures of one run share it.
/// </summary>
public sealed class Palette
{
    /// <summary>No color: in an animation the pixel of the frame before stays.</summary>
    public const byte Unchanged = 255;

    /// <summary>What is around slices.</summary>
    public static readonly Rgb Ground = Rgb.Of(0x0E1116);

    /// <summary>Captions.</summary>
    public static readonly Rgb Ink = Rgb.Of(0xE6E7E4);

    private const int Grays = 40;
    private const int MostTints = 24;

    private Palette(Rgb[] colors) => Colors = colors;

    /// <summary>At most 255; a pixel is the index of its color.</summary>
    public IReadOnlyList<Rgb> Colors { get; }

    /// <summary>For pictures with labels laid over.</summary>
    /// <param name="labels">How many there are, background included.</param>
    public static Palette Of(int labels)
    {
        var room = Unchanged - 2 - Grays;
        // Labels beyond the room share the nearest colors.
        var own = Math.Min(labels - 1, room);
        var tints = own == 0 ? 0 : Math.Min(MostTints, room / own - 1);
        return new([
            Ground,
            Ink,
            .. Ramp(Grays),
            .. Enumerable
                .Range(1, own)
                .Select(LabelPalette.OnDark)
                .SelectMany(color =>
                    Ramp(tints).Select(gray => color.Over(gray, SlicePicture.Tint)).Prepend(color)
                ),
        ]);
    }

    /// <summary>A picture as indices of the nearest colors, the first of equal ones.</summary>
    public byte[] Index(Raster picture)
    {
        Dictionary<Rgb, byte> known = [];
        var indices = new byte[picture.Pixels.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            var color = picture.Pixels[i];
            if (i > 0 && color == picture.Pixels[i - 1])
                indices[i] = indices[i - 1];
            else if (!known.TryGetValue(color, out indices[i]))
                known[color] = indices[i] = Nearest(color);
        }
        return indices;
    }

    private byte Nearest(Rgb color)
    {
        var (best, least) = (0, int.MaxValue);
        for (var i = 0; i < Colors.Count && least > 0; i++)
            if (color.Distance(Colors[i]) is var distance && distance < least)
                (best, least) = (i, distance);
        return (byte)best;
    }

    private static IEnumerable<Rgb> Ramp(int levels) =>
        Enumerable
            .Range(0, levels)
            .Select(i => (byte)Math.Round(255.0 * i / Math.Max(1, levels - 1)))
            .Select(gray => new Rgb(gray, gray, gray));
}

namespace KneeSeg.Imaging;

/// <summary>A color.</summary>
public readonly record struct Rgb(byte Red, byte Green, byte Blue)
{
    /// <summary>From 0xRRGGBB.</summary>
    public static Rgb Of(int hex) => new((byte)(hex >> 16), (byte)(hex >> 8), (byte)hex);

    /// <summary>This color blended over another.</summary>
    /// <param name="under">The color below.</param>
    /// <param name="share">How much of this one shows, 0 to 1.</param>
    public Rgb Over(Rgb under, double share) =>
        new(
            Mix(Red, under.Red, share),
            Mix(Green, under.Green, share),
            Mix(Blue, under.Blue, share)
        );

    /// <summary>How far another color is: the squared differences of the channels, added up.</summary>
    public int Distance(Rgb other)
    {
        var (red, green, blue) = (Red - other.Red, Green - other.Green, Blue - other.Blue);
        return red * red + green * green + blue * blue;
    }

    /// <summary>As CSS writes it: #rrggbb.</summary>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    private static byte Mix(byte over, byte under, double share) =>
        (byte)Math.Round(under + share * (over - under));
}

namespace KneeSeg.Imaging;

/// <summary>
/// The color of each label: Okabe and Ito's (2008), distinguishable in all common color blindness, then hues by the
/// golden angle. Neighboring structures of the knee have distant colors.
/// </summary>
public static class LabelPalette
{
    private const double GoldenAngle = 137.508;

    // On pictures, and on a dark page.
    private static readonly Rgb[] Bright =
    [
        Rgb.Of(0x56B4E9),
        Rgb.Of(0xE69F00),
        Rgb.Of(0xE4572E),
        Rgb.Of(0xCC79A7),
        Rgb.Of(0x1DB488),
        Rgb.Of(0xF0E442),
    ];

    // As lines on a white page, where yellow and sky blue would fade.
    private static readonly Rgb[] Deep =
    [
        Rgb.Of(0x1F87C4),
        Rgb.Of(0xC98500),
        Rgb.Of(0xC8401A),
        Rgb.Of(0xB0558A),
        Rgb.Of(0x00805C),
        Rgb.Of(0xA39800),
    ];

    /// <summary>A label's color on dark ground, such as an image.</summary>
    /// <param name="label">The label, from 1.</param>
    public static Rgb OnDark(int label) => Pick(Bright, label, 0.68);

    /// <summary>A label's color on white ground.</summary>
    /// <param name="label">The label, from 1.</param>
    public static Rgb OnLight(int label) => Pick(Deep, label, 0.42);

    private static Rgb Pick(Rgb[] colors, int label, double lightness) =>
        label <= colors.Length ? colors[label - 1] : FromHue(label * GoldenAngle, lightness);

    // HSL to RGB at a saturation of 0.6.
    private static Rgb FromHue(double hue, double lightness)
    {
        var chroma = 0.6 * Math.Min(lightness, 1 - lightness);
        return new(Channel(0), Channel(8), Channel(4));

        byte Channel(double offset)
        {
            var place = (offset + hue / 30) % 12;
            var ramp = Math.Max(-1, Math.Min(Math.Min(place - 3, 9 - place), 1));
            return (byte)Math.Round(255 * (lightness - chroma * ramp));
        }
    }
}

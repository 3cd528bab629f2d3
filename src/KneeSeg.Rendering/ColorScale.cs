using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>From numbers to colors whose lightness alone tells them apart, so that they read in gray and by everyone.</summary>
/// <param name="Low">The number of the first color, and of all below.</param>
/// <param name="High">The number of the last one, and of all above.</param>
/// <param name="Colors">At equal steps.</param>
public sealed record ColorScale(double Low, double High, IReadOnlyList<Rgb> Colors)
{
    /// <summary>Thickness of cartilage in mm, from dark to light.</summary>
    public static ColorScale Thickness { get; } =
        new(0, 5, [.. new[] { 0x2b1b52, 0x33538b, 0x2a8a8c, 0x5dbf6a, 0xf2e54b }.Select(Rgb.Of)]);

    /// <summary>Difference of thickness in mm: blue where thinner, red where thicker.</summary>
    public static ColorScale Difference { get; } =
        new(-1.5, 1.5, [.. new[] { 0x2f6fb0, 0xf4f4f0, 0xb5452c }.Select(Rgb.Of)]);

    /// <summary>The color of a number.</summary>
    public Rgb At(double value)
    {
        var place = Math.Clamp((value - Low) / (High - Low), 0, 1) * (Colors.Count - 1);
        var lower = Math.Min((int)place, Colors.Count - 2);
        return Colors[lower + 1].Over(Colors[lower], place - lower);
    }

    /// <summary>The colors as a gradient of CSS, from left to right.</summary>
    public string Css => $"linear-gradient(to right, {string.Join(", ", Colors)})";
}

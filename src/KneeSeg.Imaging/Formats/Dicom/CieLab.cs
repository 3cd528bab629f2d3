namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>Colors as DICOM recommends them for segments (DICOM PS3.3, C.10.7.1.1).</summary>
internal static class CieLab
{
    // sRGB to XYZ under D50, the white of ICC profiles (Lindbloom).
    private static readonly double[][] ToXyz =
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ];

    /// <summary>L* from 0 to 100, a* and b* from -128 to 127, each scaled to 16 bits.</summary>
    public static ushort[] Of(Rgb color)
    {
        double[] linear = [Linear(color.Red), Linear(color.Green), Linear(color.Blue)];
        double Root(int row) =>
            // Relative to white, whose channels are all 1.
            Cube(ToXyz[row].Zip(linear, (m, c) => m * c).Sum() / ToXyz[row].Sum());
        var (x, y, z) = (Root(0), Root(1), Root(2));
        return
        [
            Scaled(116 * y - 16, 0, 100),
            Scaled(500 * (x - y), -128, 127),
            Scaled(200 * (y - z), -128, 127),
        ];
    }

    private static double Linear(byte channel) =>
        channel / 255.0 is var c and <= 0.04045
            ? c / 12.92
            : Math.Pow((channel / 255.0 + 0.055) / 1.055, 2.4);

    private static double Cube(double t) =>
        t > 216.0 / 24389 ? Math.Cbrt(t) : (24389.0 / 27 * t + 16) / 116;

    private static ushort Scaled(double value, double low, double high) =>
        (ushort)Math.Round(Math.Clamp((value - low) / (high - low), 0, 1) * ushort.MaxValue);
}

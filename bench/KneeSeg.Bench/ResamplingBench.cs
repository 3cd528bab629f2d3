using KneeSeg.Imaging;
using KneeSeg.Imaging.Resampling;

namespace KneeSeg.Bench;

/// <summary>An image to 0.7 times its height and width by cubic splines, against scipy.ndimage.</summary>
internal static class ResamplingBench
{
    private static readonly Size3 Size = new(192, 192, 160);
    private const double Factor = 0.7;

    public static Ratio Run()
    {
        var grid = Grid.Centered(Size, new(1, 1, 1), "PIR");
        var random = new Random(1);
        var image = new Volume<float>(
            grid,
            [.. Enumerable.Range(0, (int)Size.Count).Select(_ => random.NextSingle())]
        );
        var target = grid.WithSpacing(new(1 / Factor, 1 / Factor, 1));
        using var peer = Peer.Python(
            "scipy_zoom.py",
            $"{Size.Z}",
            $"{Size.Y}",
            $"{Size.X}",
            FormattableString.Invariant($"{Factor}")
        );
        return Ratio.Measure("resampling", () => Resampler.Cubic(image, target, 0), peer.Work);
    }
}

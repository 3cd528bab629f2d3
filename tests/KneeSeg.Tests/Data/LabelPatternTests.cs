using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>Label volumes are distinguished from images, however many labels or gray levels there are.</summary>
public sealed class LabelPatternTests
{
    private static readonly PhantomKnee Coarse = Phantom.Create(1, new(16, 32, 32));
    private static readonly PhantomKnee Knee = Phantom.Create(2, new(24, 64, 64));

    public static TheoryData<int> Shades => [6, 8, 12, 16, 32, 64, 255];

    [Fact]
    public void Labels_of_a_knee_are_labels()
    {
        Assert.True(IsLabels(Coarse.Labels.Voxels.Select(v => (float)v), Coarse.Labels.Grid));
        Assert.True(IsLabels(Knee.Labels.Voxels.Select(v => (float)v), Knee.Labels.Grid));
        // A mask, as many programs write it; and one without a value outside of what was looked at.
        Assert.True(IsLabels(Knee.Labels.Voxels.Select(v => v > 0 ? 255f : 0), Knee.Labels.Grid));
        Assert.True(
            IsLabels(Knee.Labels.Voxels.Select(v => v > 0 ? v : float.NaN), Knee.Labels.Grid)
        );
    }

    [Theory]
    [InlineData(6)]
    [InlineData(16)]
    public void Structures_divided_into_many_subregions_are_labels(int parts)
    {
        var size = Knee.Labels.Grid.Size;
        float Part(byte label, int i) =>
            label == 0
                ? 0
                : label * parts * parts
                    + i % size.X * parts / size.X * parts
                    + i / size.X % size.Y * parts / size.Y;
        var divided = Knee.Labels.Voxels.Select(Part).ToArray();
        Assert.InRange(divided.Distinct().Count(), 20, 500);
        Assert.True(IsLabels(divided, Knee.Labels.Grid));
    }

    [Fact]
    public void Boxes_of_forty_labels_are_labels()
    {
        var random = new Random(1);
        var grid = Grid.Centered(new(40, 40, 40), new(2, 2, 2), "PIR");
        var voxels = new float[grid.Size.Count];
        for (var label = 1; label <= 40; label++)
        {
            var (x, y, z) = (random.Next(30), random.Next(30), random.Next(30));
            for (var i = 0; i < 1000; i++)
                voxels[x + i % 10 + 40 * (y + i / 10 % 10 + 40 * (z + i / 100))] = label;
        }
        Assert.True(IsLabels(voxels, grid));
    }

    [Theory]
    [MemberData(nameof(Shades))]
    public void Images_of_few_gray_levels_are_images(int shades)
    {
        foreach (var knee in new[] { Coarse, Knee })
        {
            var (grid, whole) = (knee.Image.Grid, Samples.Image(knee));
            var image = Quantized(whole.Voxels, shades);
            Assert.False(IsLabels(image, grid));
            // Without noise, and without a body around the knee.
            Assert.False(IsLabels(Quantized(Smooth(whole), shades), grid));
            Assert.False(
                IsLabels(image.Select((v, i) => i % grid.Size.X < grid.Size.X / 3 ? 0 : v), grid)
            );
        }
    }

    [Fact]
    public void An_image_that_was_enlarged_without_interpolation_is_an_image()
    {
        var (small, n) = (Knee.Image.Grid.Size, 2);
        var image = Quantized(Samples.Image(Knee).Voxels, 255);
        var size = new Size3(n * small.X, n * small.Y, n * small.Z);
        var large = Enumerable
            .Range(0, (int)size.Count)
            .Select(i =>
                image[
                    i % size.X / n
                        + small.X * (i / size.X % size.Y / n + small.Y * (i / size.X / size.Y / n))
                ]
            );
        Assert.False(IsLabels(large, Grid.Centered(size, new(1, 1, 1), "PIR")));
    }

    [Fact]
    public void Noise_is_an_image()
    {
        var random = new Random(1);
        var grid = Grid.Centered(new(30, 30, 30), new(2, 2, 2), "PIR");
        Assert.False(
            IsLabels(Enumerable.Range(0, 27000).Select(_ => (float)random.Next(40)), grid)
        );
    }

    private static bool IsLabels(IEnumerable<float> voxels, Grid grid) =>
        LabelPattern.IsIn(new(grid, [.. voxels]));

    private static float[] Quantized(float[] image, int shades)
    {
        var high = image.Max();
        return Array.ConvertAll(image, v => MathF.Floor(v / high * (shades - 1)));
    }

    private static float[] Smooth(Volume<float> image)
    {
        var (size, voxels) = (image.Grid.Size, image.Voxels);
        foreach (var step in new[] { 1, size.X, size.X * size.Y })
            voxels =
            [
                .. voxels.Select(
                    (v, i) =>
                        (
                            voxels[Math.Max(0, i - step)]
                            + 2 * v
                            + voxels[Math.Min(voxels.Length - 1, i + step)]
                        ) / 4
                ),
            ];
        return voxels;
    }
}

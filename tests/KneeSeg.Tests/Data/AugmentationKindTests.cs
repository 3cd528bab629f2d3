using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KneeSeg.Data;
using KneeSeg.Data.Augmenting;

namespace KneeSeg.Tests.Data;

/// <summary>What single changes do to images, against what their mathematics says.</summary>
public sealed class AugmentationKindTests
{
    private static readonly ModelSize Size = new(15, 17, 19);

    [Theory]
    [InlineData(.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_blurred_point_keeps_its_sum_and_has_the_deviation_asked_for(double deviation)
    {
        var image = new float[Size.Count];
        image[At(7, 8, 9)] = 1;
        GaussianBlur.Blur(image, Size, deviation);
        Assert.Equal(1, image.Sum(), 1e-5);
        // Weights at whole voxels within three deviations.
        var reach = (int)Math.Ceiling(3 * deviation);
        var taps = Enumerable.Range(-reach, 2 * reach + 1).ToArray();
        double Weight(int tap) => Math.Exp(-tap * tap / (2 * deviation * deviation));
        var variance = taps.Sum(tap => tap * tap * Weight(tap)) / taps.Sum(Weight);
        for (var axis = 0; axis < 3; axis++)
            Assert.Equal(variance, Moment(axis), 1e-4);

        double Moment(int axis) =>
            Enumerable
                .Range(0, image.Length)
                .Sum(i =>
                {
                    int[] from = [i / (17 * 19) - 7, i / 19 % 17 - 8, i % 19 - 9];
                    return image[i] * (double)from[axis] * from[axis];
                });
    }

    [Property]
    public bool Blur_and_low_resolution_leave_an_even_image_even(PositiveInt strength)
    {
        var image = new float[Size.Count];
        image.AsSpan().Fill(3);
        GaussianBlur.Blur(image, Size, .1 + strength.Get % 20 / 10.0);
        GaussianBlur.Coarsen(image, Size, 1 + strength.Get % 30 / 10.0);
        return image.All(value => Math.Abs(value - 3) < 1e-4);
    }

    [Fact]
    public void Low_resolution_keeps_every_second_voxel_and_draws_lines_between()
    {
        var random = new SplitMix64(5);
        var line = new float[9];
        foreach (ref var value in line.AsSpan())
            value = (float)random.Uniform();
        var coarse = line.ToArray();
        GaussianBlur.Coarsen(coarse, new(1, 1, 9), 2);
        for (var i = 0; i < 9; i += 2)
            Assert.Equal(line[i], coarse[i]);
        for (var i = 1; i < 9; i += 2)
            Assert.Equal((line[i - 1] + line[i + 1]) / 2, coarse[i], 1e-6);
    }

    [Property]
    public bool Bias_field_is_a_smooth_factor_above_the_minimum_intensity(int key)
    {
        var image = new float[Size.Count];
        for (var i = 0; i < image.Length; i++)
            image[i] = i % 7;
        var plain = image.ToArray();
        BiasField.Apply(image, Size, .4, (ulong)key);
        bool Is(int i, int next)
        {
            if (plain[i] == 0 || plain[next] == 0)
                return plain[i] != 0 || image[i] == 0;
            var (here, there) = (
                Math.Log(image[i] / plain[i]),
                Math.Log(image[next] / plain[next])
            );
            // At most the exponent, and one wave through the patch.
            return Math.Abs(here) < .401 && Math.Abs(here - there) < .4 * 2 * Math.PI / 15 + 1e-4;
        }
        return Enumerable
            .Range(0, image.Length - 1)
            .Where(i => i % 19 != 18)
            .All(i => Is(i, i + 1));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(.7, .365, .365)]
    // Slices so thick that every one must be a lattice point.
    [InlineData(6, .5, .5)]
    public void Elastic_deformation_is_smooth_and_bounded(double d, double h, double w)
    {
        const double most = 3;
        double[] mm = [d, h, w];
        // The steepest that four waves of 30 mm can be together, and the lattice's corners.
        const double steepest = 1.1 * most * 2 * Math.PI / 30;
        for (ulong key = 0; key < 20; key++)
        {
            var field = new ElasticField(Size, new(d, h, w), most, inPlane: false, key);
            var rows = new double[15, 17][];
            for (var i = 0; i < 15; i++)
            for (var j = 0; j < 17; j++)
                field.AddTo(i, j, rows[i, j] = new double[3 * 19]);
            double Moved(int i, int j, int k, int axis) => rows[i, j][3 * k + axis] * mm[axis];
            for (var i = 0; i < 14; i++)
            for (var j = 0; j < 16; j++)
            for (var k = 0; k < 18; k++)
            for (var axis = 0; axis < 3; axis++)
            {
                var here = Moved(i, j, k, axis);
                Assert.InRange(here, -most, most);
                Assert.InRange(Math.Abs(Moved(i + 1, j, k, axis) - here), 0, steepest * d);
                Assert.InRange(Math.Abs(Moved(i, j + 1, k, axis) - here), 0, steepest * h);
                Assert.InRange(Math.Abs(Moved(i, j, k + 1, axis) - here), 0, steepest * w);
            }
        }
    }

    [Fact]
    public void Waves_in_the_slices_plane_leave_slices_where_they_are()
    {
        var field = new ElasticField(Size, new(1, 1, 1), 3, inPlane: true, 1);
        var row = new double[3 * 19];
        field.AddTo(5, 5, row);
        Assert.All(Enumerable.Range(0, 19), k => Assert.Equal(0, row[3 * k]));
        Assert.Contains(row, moved => moved != 0);
    }

    private static int At(int d, int h, int w) => (d * Size.Height + h) * Size.Width + w;
}

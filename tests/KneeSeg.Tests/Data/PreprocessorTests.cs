using FsCheck.Xunit;
using KneeSeg.Data;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

[Properties(Arbitrary = [typeof(Volumes)], MaxTest = 50)]
public sealed class PreprocessorTests
{
    private static readonly Preprocessor Millimeters = new(new ModelSpacing(1, 1, 1));

    [Fact]
    public void Brightness_is_cut_at_its_percentiles_then_has_mean_0_and_deviation_1()
    {
        // 0 to 999, of which one in a hundred is cut at each end.
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => (float)(i * 37 % 1000))];
        var preparation = Millimeters with { LowPercentile = 1, HighPercentile = 99 };
        var prepared = preparation.Apply(new(Cube(10), values)).Volume.Voxels;
        var cut = values.Select(v => Math.Clamp(v, 10, 989)).ToArray();
        var mean = cut.Average();
        var deviation = Math.Sqrt(cut.Average(v => (v - mean) * (v - mean)));
        Assert.Equal(
            cut.Select(v => (v - mean) / deviation),
            prepared.Select(v => (double)v),
            (a, b) => Math.Abs(a - b) < 1e-5
        );
    }

    [Property]
    public bool Brightness_and_contrast_of_the_scanner_do_not_matter(byte gain, short offset)
    {
        float[] plain = [.. Enumerable.Range(0, 64).Select(i => (float)(i * i % 50))];
        var changed = Array.ConvertAll(plain, v => v * (gain + 1) + offset);
        return Prepared(plain)
            .Zip(Prepared(changed))
            .All(pair => Math.Abs(pair.First - pair.Second) < 1e-4);

        float[] Prepared(float[] voxels) => Millimeters.Apply(new(Cube(4), voxels)).Volume.Voxels;
    }

    [Property]
    public bool The_order_in_which_a_file_keeps_its_axes_does_not_matter(Grid grid)
    {
        var counting = Volumes.Counting(grid);
        var volume = new Volume<float>(grid, Array.ConvertAll(counting.Voxels, v => (float)v));
        var turned = Orientation.ToModel(volume);
        var spacing = turned.Grid.Spacing;
        var preparation = new Preprocessor(new(spacing.Z, spacing.Y, spacing.X));
        var (first, second) = (preparation.Apply(volume), preparation.Apply(turned));
        return first.Volume.Grid.SameAs(second.Volume.Grid)
            && AxisOrder.Codes(first.Volume.Grid.Affine) == "PIR"
            && first.Volume.Voxels.SequenceEqual(second.Volume.Voxels);
    }

    [Fact]
    public void Voxels_that_are_not_finite_take_the_darkest_value_and_are_counted()
    {
        float[] values = [.. Enumerable.Range(0, 27).Select(i => (float)i)];
        (values[3], values[4], values[5]) = (
            float.NaN,
            float.PositiveInfinity,
            float.NegativeInfinity
        );
        var prepared = Millimeters.Apply(new(Cube(3), values));
        Assert.Equal(3, prepared.NonFiniteCount);
        Assert.All(prepared.Volume.Voxels[3..6], v => Assert.Equal(prepared.Volume.Voxels[0], v));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(7)]
    public void An_image_without_contrast_becomes_zeros(float value) =>
        Assert.All(
            Millimeters.Apply(new(Cube(3), Enumerable.Repeat(value, 27).ToArray())).Volume.Voxels,
            v => Assert.Equal(0, v)
        );

    [Fact]
    public void An_image_of_another_spacing_is_resampled_and_its_labels_with_it()
    {
        var knee = Phantom.Create(2, new(16, 32, 32));
        var preparation = new Preprocessor(new(14, 2.19, 4.38));
        var prepared = PreprocessedCase.From(
            "knee",
            preparation.Apply(
                new(knee.Image.Grid, Array.ConvertAll(knee.Image.Voxels, v => (float)v))
            ),
            preparation.ApplyToLabels(knee.Labels),
            7
        );
        Assert.Equal(new ModelSize(8, 64, 32), prepared.Size);
        var before = knee.Labels.Voxels.Count(l => l == 1);
        Assert.InRange(prepared.ForegroundIndices[1].Length / (double)before, .8, 1.2);
        var (places, labels) = (prepared.ForegroundIndices[1].ToArray(), prepared.Labels.ToArray());
        Assert.All(places, i => Assert.Equal(1, labels[i]));
        Assert.Equal(labels.Count(l => l == 1), places.Length);
    }

    [Fact]
    public void The_spacing_is_the_training_images_median()
    {
        using var folder = new TemporaryFolder();
        var dataset = PhantomSet.Write(folder["knees"], 5, new(8, 16, 16));
        var first = dataset.Cases[0].ReadImage();
        var stretched = first.Grid.Affine with { M02 = 20 };
        VolumeFile.Write(
            dataset.Cases[0].Image,
            first with
            {
                Grid = first.Grid with { Affine = stretched },
            }
        );
        var spacing = Preprocessor.SpacingFor(dataset);
        Assert.Equal(14, spacing.Depth, 1e-4);
        Assert.Equal(8.76, spacing.Height, 1e-4);
    }

    [Fact]
    public void The_published_scale_takes_its_mean_before_it_cuts_and_its_deviation_after()
    {
        float[] values = [0, .002f, .004f, .006f, .008f, .01f, .03f, .1f];
        float[] cut = [0, .002f, .004f, .006f, .008f, .01f, .01f, .01f];
        var (mean, middle) = (values.Average(v => (double)v), cut.Average(v => (double)v));
        var deviation = Math.Sqrt(cut.Average(v => (v - middle) * (v - middle)));
        var published = Millimeters with { Intensity = NormalizationMethod.Constant };
        Assert.Equal(
            cut.Select(v => (v - mean) / deviation),
            published.Apply(new(Cube(2), values)).Volume.Voxels.Select(v => (double)v),
            (a, b) => Math.Abs(a - b) < 1e-5
        );
    }

    [Fact]
    public void Z_scores_cut_nothing()
    {
        float[] values = [-900, 1, 2, 3, 4, 5, 6, 7000];
        var plain = Millimeters with { Intensity = NormalizationMethod.ZScore };
        var prepared = plain.Apply(new(Cube(2), values)).Volume.Voxels;
        Assert.Equal(0, prepared.Average(), 1e-6);
        Assert.Equal(1, prepared.Average(v => v * v), 1e-5);
        Assert.Equal(7900.0 / 1, (prepared[7] - prepared[0]) / (prepared[2] - prepared[1]), 1.0);
    }

    [Fact]
    public void A_crop_keeps_the_middle_of_image_and_labels_where_it_was()
    {
        var grid = Grid.Centered(new(10, 8, 6), new(1, 1, 2), "PIR");
        float[] values = [.. Enumerable.Range(0, 480).Select(i => (float)i)];
        var cropped = new Preprocessor(new(2, 1, 1), Crop: new(4, 100, 6));
        var prepared = cropped.Apply(new(grid, values)).Volume;
        Assert.Equal(new Size3(6, 8, 2), prepared.Grid.Size);
        Assert.Equal(grid.Affine.Apply(2, 0, 2), prepared.Grid.Affine.Origin);
        var labels = cropped.ApplyToLabels(
            new(grid, Array.ConvertAll(values, v => (byte)((int)v % 7)))
        );
        Assert.Equal(prepared.Grid, labels.Grid);
        // The first voxel kept is (2, 0, 2).
        Assert.Equal((2 + 10 * 8 * 2) % 7, labels.Voxels[0]);
    }

    [Fact]
    public void Images_may_be_resampled_by_splines()
    {
        var grid = Grid.Centered(new(16, 3, 4), new(1, 1, 1), "PIR");
        var image = new Volume<float>(
            grid,
            [.. Enumerable.Range(0, 192).Select(i => (float)(i * i % 17))]
        );
        var plain = new Preprocessor(new(1, 1, .5), Intensity: NormalizationMethod.ZScore);
        var cubic = plain with { Interpolation = Interpolation.Cubic };
        var resampled = Resampler.Cubic(image, cubic.TargetFor(grid), 0);
        Assert.Equal(plain.Apply(resampled).Volume.Voxels, cubic.Apply(image).Volume.Voxels);
        Assert.NotEqual(plain.Apply(image).Volume.Voxels, cubic.Apply(image).Volume.Voxels);
    }

    [Property]
    public bool A_percentile_is_the_value_of_its_rank(float[] values, byte share)
    {
        float[] finite = [.. values.Where(float.IsFinite)];
        if (finite.Length == 0)
            return true;
        var percentile = share * 100.0 / 255;
        var rank = (int)Math.Round(percentile / 100 * (finite.Length - 1));
        return OrderStatistic.Percentile(finite, percentile) == finite.Order().ElementAt(rank);
    }

    private static Grid Cube(int size) => Grid.Centered(new(size, size, size), new(1, 1, 1), "PIR");
}

using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>What is odd about an image by itself, and beside those that a network was trained on.</summary>
public sealed class ImageWarningTests
{
    private static readonly ModelSize Size = new(24, 48, 48);
    private static readonly PhantomKnee[] Knees =
    [
        .. Enumerable.Range(1, 4).Select(seed => Phantom.Create(seed, Size)),
    ];
    private static readonly Preprocessor Plain = new(SpacingOf(Knees[0]));

    [Theory]
    [InlineData(160, 384, 384, 0.7, 0.365, 0.365, "PIR", "")]
    // Slices of 3 mm; one slice; half a millimeter throughout.
    [InlineData(30, 512, 512, 3.3, 0.31, 0.31, "LPS", "")]
    [InlineData(300, 300, 300, 0.5, 0.5, 0.5, "RAS", "")]
    [InlineData(1, 320, 320, 3, 0.5, 0.5, "PIR", "its axis 3 has one voxel")]
    [InlineData(160, 384, 384, 0.0007, 0.0004, 0.0004, "PIR", "spacing 0.0004×0.0004×0.0007 mm")]
    [InlineData(160, 384, 384, 0.0007, 0.0004, 0.0004, "PIR", "0.1 mm long along axis 3")]
    [InlineData(160, 384, 384, 0.7, 1, 1, "PIR", "384 mm long along axis 1")]
    [InlineData(10, 384, 384, 20, 0.4, 0.4, "PIR", "spacing 0.4×0.4×20 mm")]
    // Both knees: 310 mm from left to right, wherever that axis is.
    [InlineData(310, 280, 280, 1, 1, 1, "PIR", "310 mm from left to right, enough for two knees")]
    [InlineData(400, 280, 280, 1, 1, 1, "PIR", "400 mm from left to right, enough for two knees")]
    [InlineData(280, 280, 310, 1, 1, 1, "RIP", "310 mm from left to right, enough for two knees")]
    public void A_grid_implausible_for_a_knee_is_warned_about(
        int z,
        int y,
        int x,
        double dz,
        double dy,
        double dx,
        string codes,
        string says
    )
    {
        string[] warnings =
        [
            .. GridRules
                .Warnings(Grid.Centered(new(x, y, z), new(dx, dy, dz), codes))
                .Select(warning => warning.What),
        ];
        if (says is "")
            Assert.Empty(warnings);
        else
            Assert.Contains(warnings, warning => warning.Contains(says));
    }

    [Fact]
    public void Images_like_the_training_images_give_no_warning()
    {
        var images = Training();
        var image = Samples.Image(Knees[3]);
        Assert.Empty(images.Warnings(image.Grid));
        Assert.Empty(images.Warnings(Plain.Apply(image)));
        // Nor brighter ones, which preparing brings to the same scale.
        var brighter = Array.ConvertAll(image.Voxels, v => 50 * v + 1000);
        Assert.Empty(images.Warnings(Plain.Apply(image with { Voxels = brighter })));
    }

    [Fact]
    public void Voxels_more_than_twice_as_long_in_any_direction_are_doubted()
    {
        var images = new TrainingImageStatistics(new(0.7, 0.365, 0.365), []);
        IEnumerable<QualityFlag> At(double across, double down, double back) =>
            images.Warnings(Grid.Centered(new(100, 100, 100), new(back, down, across), "PIR"));
        Assert.Empty(At(1.3, 0.2, 0.7));
        Assert.Contains("0.7×0.365×0.8 mm", Assert.Single(At(0.7, 0.365, 0.8)).What);
        // Coronal slices.
        Assert.Contains("factor of 2", Assert.Single(At(0.365, 0.365, 0.8)).What);
        Assert.Single(At(0.3, 0.365, 0.365));
    }

    [Fact]
    public void Another_kind_of_contrast_is_doubted()
    {
        var images = Training();
        var image = Samples.Image(Knees[3]);
        var random = new Random(1);
        Func<float, float>[] kinds =
        [
            v => 2000 - v,
            // Air, muscle, fat and bone of computed tomography.
            v =>
                (
                    v < 100 ? -1000
                    : v < 300 ? 40
                    : v < 600 ? -90
                    : 300
                ) + random.Next(15),
            // Hardly anything there.
            v => random.Next(50) == 0 ? v : 0,
        ];
        foreach (var kind in kinds)
            Assert.Contains(
                "unlike those of the training images",
                Assert
                    .Single(
                        images.Warnings(
                            Plain.Apply(
                                image with
                                {
                                    Voxels = Array.ConvertAll(image.Voxels, v => kind(v)),
                                }
                            )
                        )
                    )
                    .What
            );
    }

    [Fact]
    public void What_the_training_saw_comes_back_from_its_JSON()
    {
        var images = Training();
        var json = JsonSerializer.Serialize(images, JsonSerializerOptions.Web);
        Assert.Equivalent(
            images,
            JsonSerializer.Deserialize<TrainingImageStatistics>(json, JsonSerializerOptions.Web)
        );
    }

    [Fact]
    public void A_field_of_view_that_cuts_off_a_quarter_is_reported()
    {
        var image = Samples.Image(Knees[3]);
        PreprocessedImage Top(double share)
        {
            // Rows run from superior to inferior in model space.
            var (size, kept) = (image.Grid.Size, (int)(share * image.Grid.Size.Y));
            var cut = new float[size.X * kept * size.Z];
            for (var k = 0; k < size.Z; k++)
                image
                    .Voxels.AsSpan(k * size.X * size.Y, size.X * kept)
                    .CopyTo(cut.AsSpan(k * size.X * kept));
            return Plain.Apply(new(image.Grid.Part(size with { Y = kept }, 0, 0, 0), cut));
        }
        string[] Ids(double share) => [.. Training().Warnings(Top(share)).Select(one => one.Id)];

        Assert.DoesNotContain("field-of-view", Ids(0.9));
        Assert.Contains("field-of-view", Ids(0.7));
    }

    private static TrainingImageStatistics Training() =>
        TrainingImageStatistics.Of(
            Plain.Spacing,
            [
                .. Knees[..3]
                    .Select(knee =>
                        PreprocessedCase.From(
                            "knee",
                            Plain.Apply(Samples.Image(knee)),
                            knee.Labels,
                            7
                        )
                    ),
            ]
        );

    private static ModelSpacing SpacingOf(PhantomKnee knee)
    {
        var spacing = Orientation.ModelGrid(knee.Image.Grid).Spacing;
        return new(spacing.Z, spacing.Y, spacing.X);
    }
}

using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class SyntheticImageTests
{
    private static readonly ModelSize Size = new(24, 32, 40);

    [Fact]
    public void A_structure_has_one_intensity_within_its_texture_and_another_in_each_image()
    {
        var inside = Labels().Voxels.Select(label => label == 1).ToArray();
        List<double> contrasts = [];
        for (var step = 0; step < 30; step++)
        {
            var image = Patches(synthetic: 1).Sample(0, step, 0).Image;
            double[] structure =
            [
                .. image.Where((_, i) => inside[i]).Select(value => (double)value),
            ];
            // The whole image has deviation 1, of which a structure has only texture, bias field and noise.
            Assert.InRange(Deviation(structure), 0, .75);
            contrasts.Add(structure.Average());
        }
        // Brighter than the rest as often as darker.
        Assert.InRange(contrasts.Count(mean => mean > 0), 8, 22);
        Assert.True(Deviation(contrasts) > .5);
    }

    [Fact]
    public void Images_have_mean_0_and_deviation_1_and_depend_on_labels_alone()
    {
        var patch = Patches(synthetic: 1).Sample(0, 0, 0);
        double[] values = [.. patch.Image.Select(value => (double)value)];
        Assert.InRange(values.Average(), -.05, .05);
        Assert.InRange(Deviation(values), .95, 1.1);
        Assert.Equal(patch.Image, Patches(synthetic: 1, image: 7).Sample(0, 0, 0).Image);
        Assert.Equal(Labels().Voxels, patch.Labels);
    }

    [Fact]
    public void The_fraction_of_synthetic_patches_is_as_asked_for()
    {
        var some = Patches(synthetic: .25);
        var synthetic = Enumerable
            .Range(0, 200)
            .Count(step => some.Sample(0, step, 0).Image[0] != 0);
        Assert.InRange(synthetic, 30, 70);
    }

    [Theory]
    [InlineData(PatchKind.Slab, 1)]
    [InlineData(PatchKind.Slice, 3)]
    public void A_patch_that_is_labeled_in_one_slice_is_synthesized_in_all(
        PatchKind kind,
        int slices
    )
    {
        // Slices are labeled in turns, and a structure of one slice is seen in it alone.
        var labels = new byte[Size.Count];
        for (var slice = 0; slice < Size.Depth; slice += 2)
            labels.AsSpan(slice * Size.Height * Size.Width, Size.Height * Size.Width).Fill(1);
        var options = Options(1) with
        {
            Size = Size with { Depth = kind == PatchKind.Slab ? 3 : 1 },
            Kind = kind,
            Slices = slices,
        };
        var sampler = new PatchSampler([Case(labels, 0)], options, 1);
        var different = 0;
        for (var step = 0; step < 30; step++)
        {
            var image = sampler.Sample(0, step, 0).Image;
            var plane = Size.Height * Size.Width;
            Assert.Equal(3 * plane, image.Length);
            double Mean(int slice) => image.Skip(slice * plane).Take(plane).Average();
            if (Math.Abs(Mean(0) - Mean(1)) > Math.Abs(Mean(0) - Mean(2)))
                different++;
        }
        Assert.InRange(different, 22, 30);
    }

    [Fact]
    public void A_dataset_is_generated_from_labels_alone_and_the_same_again()
    {
        using var folder = new TemporaryFolder();
        var labels = folder["knee-1.nii.gz"];
        VolumeFile.Write(labels, Labels());
        var source = LabelVolumes.Find([labels], "oai-zib");
        var generated = SyntheticSet.Write(source, folder["a"], contrasts: 3, seed: 5);
        SyntheticSet.Write(source, folder["b"], contrasts: 3, seed: 5);
        var opened = DatasetFolder.Open(folder["a"]);
        Assert.Equal(
            ["knee-1-contrast-1", "knee-1-contrast-2", "knee-1-contrast-3"],
            opened.Cases.Select(one => one.Id)
        );
        Assert.Single(opened.Cases.Select(one => one.Subject).Distinct());
        Assert.Equal("oai-zib", opened.Profile.Name);
        foreach (var one in opened.Cases)
        {
            var image = one.ReadImage();
            Assert.Equal(
                Labels().Voxels,
                Orientation.ToModel(one.ReadLabels(image.Grid, opened.Profile)).Voxels
            );
            Assert.Equal(
                File.ReadAllBytes(one.Image),
                File.ReadAllBytes(one.Image.Replace(folder["a"], folder["b"]))
            );
        }
        Assert.Equal(
            3,
            opened.Cases.Select(one => VolumeHash.Of(one.ReadImage())).Distinct().Count()
        );
        var again = Assert.Throws<ProblemException>(() =>
        {
            SyntheticSet.Write(source, folder["a"], contrasts: 1, seed: 1);
        });
        Assert.Equal(ExitCode.Resources, again.Exit);
        Assert.Equal(3, generated.Cases.Count);
    }

    [Fact]
    public void Sources_that_label_only_some_structures_are_refused()
    {
        using var folder = new TemporaryFolder();
        PhantomSet.Write(folder["a"], 1, new(4, 4, 4), 1, structures: ["femoral cartilage"]);
        PhantomSet.Write(folder["b"], 1, new(4, 4, 4), 2, structures: ["medial meniscus"]);
        Problems.Assert(
            ExitCode.Usage,
            "does not label every structure",
            "Generate from each source alone",
            () =>
                SyntheticSet.Write(
                    DatasetFolder.Open(folder["a"], folder["b"]),
                    folder["out"],
                    contrasts: 1,
                    seed: 1
                )
        );
    }

    private static PatchSampler Patches(double synthetic, float image = 0) =>
        new([Case(Labels().Voxels, image)], Options(synthetic), 1);

    private static PatchSamplingOptions Options(double synthetic) =>
        new(Size, PatchKind.Volume, 0, FlipAugmentation.None, Augmentation.None)
        {
            Synthetic = synthetic,
        };

    private static PreprocessedCase Case(byte[] labels, float image)
    {
        var voxels = new float[labels.Length];
        voxels.AsSpan().Fill(image);
        return PreprocessedCase.From("one", new(new(Where, voxels), 0), new(Where, labels), 2);
    }

    private static Grid Where =>
        Grid.Centered(new(Size.Width, Size.Height, Size.Depth), new(.8, .8, 1.5), "PIR");

    // A box of label 1.
    private static Volume<byte> Labels()
    {
        var voxels = new byte[Size.Count];
        for (var d = 6; d < 18; d++)
        for (var h = 8; h < 24; h++)
            voxels.AsSpan((d * Size.Height + h) * Size.Width + 10, 20).Fill(1);
        return new(Where, voxels);
    }

    private static double Deviation(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}

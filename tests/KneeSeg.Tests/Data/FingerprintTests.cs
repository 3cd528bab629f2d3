using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Fingerprints;
using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>What a plan reads off a dataset.</summary>
public sealed class FingerprintTests : IDisposable
{
    private static readonly Spacing3 Spacing = new(0.5, 1, 2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // In model orientation: x is the width, z the depth.
    private static Volume<byte> Labels(Func<int, int, int, bool> inside)
    {
        var size = new Size3(20, 24, 28);
        var voxels = new byte[size.Count];
        for (var i = 0; i < voxels.Length; i++)
            if (inside(i % size.X, i / size.X % size.Y, i / (size.X * size.Y)))
                voxels[i] = 1;
        return new(Grid.Centered(size, Spacing, Orientation.ModelCodes), voxels);
    }

    [Fact]
    public void A_slab_is_as_thick_as_it_was_drawn_along_its_axis_alone()
    {
        var (mm, across) = LocalThickness.Of(Labels((_, _, z) => z is >= 10 and < 12), 1);
        Assert.Equal(4, mm);
        Assert.Equal([2, null, null], across);

        (mm, across) = LocalThickness.Of(Labels((_, y, _) => y is >= 3 and < 6), 1);
        Assert.Equal(3, mm);
        Assert.Equal([null, 3, null], across);

        (mm, across) = LocalThickness.Of(Labels((x, _, _) => x == 7), 1);
        Assert.Equal(0.5, mm);
        Assert.Equal([null, null, 1], across);
    }

    [Fact]
    public void Two_slabs_that_bend_into_each_other_are_thin_along_both_axes()
    {
        var (_, across) = LocalThickness.Of(Labels((x, y, _) => y < 3 || x is >= 4 and < 8), 1);
        Assert.Equal([null, 3, 4], across);
    }

    [Fact]
    public void A_sheet_at_45_degrees_seems_thicker_by_the_diagonal()
    {
        // 4 voxels of 0.5 mm along the width, 2 of 1 mm along the height: truly 1.41 mm.
        var (mm, _) = LocalThickness.Of(Labels((x, y, _) => x + 2 * y is >= 20 and < 24), 1);
        Assert.InRange(mm, Math.Sqrt(2), 2);
    }

    [Fact]
    public void A_dataset_is_measured_but_for_the_voxels_of_test_cases()
    {
        var dataset = PhantomSet.Write(folder["knees"], 5, new ModelSize(16, 32, 32));
        List<int> seen = [];
        var measured = DatasetFingerprint.Read(dataset, at => seen.Add(at.Done));

        Assert.Equal([0, 1, 2, 3, 4], seen);
        Assert.Equal(dataset.Profile.Labels, measured.Labels);
        Assert.All(measured.Cases, one => Assert.Equal(new ModelSize(16, 32, 32), one.Size));
        Assert.All(measured.In(Split.Test), one => Assert.Empty(one.Channels));
        foreach (var one in measured.In(Split.Train))
        {
            var read = dataset.Cases.Single(other => other.Id == one.Id);
            var labels = read.ReadLabels(dataset.Profile);
            Assert.All(
                one.Structures,
                structure =>
                    Assert.Equal(
                        labels.Voxels.Count(label =>
                            dataset.Profile.Labels[label] == structure.Name
                        ),
                        structure.Voxels
                    )
            );
            Assert.Equal(one.Spacing, read.ReadSpacing());
            // Cartilage is dark, and darker than the brightest.
            Assert.All(
                one.Structures,
                structure =>
                    Assert.InRange(
                        structure.Channels[0].Median,
                        one.Channels[0].Low,
                        one.Channels[0].High
                    )
            );
        }
        Assert.Equal(measured.ToJson(), DatasetFingerprint.Read(dataset).ToJson());
    }

    [Fact]
    public void A_case_whose_file_changes_is_measured_again()
    {
        var dataset = PhantomSet.Write(folder["knees"], 4, new ModelSize(16, 32, 32));
        var before = DatasetFingerprint.Read(dataset);
        var changed = dataset.In(Split.Train).First();
        var labels = changed.ReadLabels(dataset.Profile);
        labels.Voxels.AsSpan().Replace((byte)1, (byte)0);
        KneeSeg.Imaging.Files.VolumeFile.Write(changed.Labels!, labels);

        var after = DatasetFingerprint.Read(dataset);
        Assert.Contains(
            "femoral cartilage",
            before.Cases.Single(one => one.Id == changed.Id).Structures.Select(one => one.Name)
        );
        Assert.DoesNotContain(
            "femoral cartilage",
            after.Cases.Single(one => one.Id == changed.Id).Structures.Select(one => one.Name)
        );
    }
}

using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>Small prepared cases whose every voxel tells where it is.</summary>
internal static class Samples
{
    /// <summary>Image value i at voxel i; label 2 in one corner voxel, label 1 in the rest of its slice.</summary>
    public static PreprocessedCase Case(ModelSize size, string id = "case")
    {
        var labels = new byte[size.Count];
        labels.AsSpan((size.Depth - 1) * size.Height * size.Width).Fill(1);
        labels[^1] = 2;
        return Counting(size, id, labels, 3);
    }

    /// <summary>Image value i at voxel i; each slice has its number as label.</summary>
    public static PreprocessedCase Striped(ModelSize size) =>
        Counting(
            size,
            "stripes",
            [
                .. Enumerable
                    .Range(0, (int)size.Count)
                    .Select(i => (byte)(i / (size.Height * size.Width))),
            ],
            size.Depth
        );

    /// <summary>Image value i at voxel i.</summary>
    public static PreprocessedCase Counting(ModelSize size, string id, byte[] labels, int classes)
    {
        var grid = Grid.Centered(new(size.Width, size.Height, size.Depth), new(1, 1, 1), "PIR");
        float[] image = [.. Enumerable.Range(0, (int)size.Count).Select(i => (float)i)];
        return PreprocessedCase.From(id, new(new(grid, image), 0), new(grid, labels), classes);
    }

    /// <summary>A generated knee's image as it is read from a file.</summary>
    public static Volume<float> Image(PhantomKnee knee) =>
        new(knee.Image.Grid, Array.ConvertAll(knee.Image.Voxels, value => (float)value));

    public static PatchSamplingOptions Rule(
        ModelSize size,
        PatchKind kind = PatchKind.Volume,
        double foreground = 0,
        FlipAugmentation? mirror = null
    ) => new(size, kind, foreground, mirror ?? FlipAugmentation.None, Augmentation.None);
}

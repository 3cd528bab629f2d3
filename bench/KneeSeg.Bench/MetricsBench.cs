using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using static System.FormattableString;

namespace KneeSeg.Bench;

/// <summary>HD95, ASSD and surface Dice of six labels at 384×384×160, against MONAI's own code.</summary>
internal static class MetricsBench
{
    private static readonly ModelSize Size = new(160, 384, 384);
    private static readonly IReadOnlyList<string> Labels = LabelSchema.Find("iwoai")!.Labels;

    /// <param name="monai">A checkout of MONAI.</param>
    public static Ratio Run(string monai)
    {
        var reference = Phantom.Create(seed: 1, Size).Labels;
        var prediction = Moved(reference);
        var folder = Directory.CreateTempSubdirectory("kneeseg-bench").FullName;
        try
        {
            var files = new[] { reference, prediction }
                .Select((volume, i) => (volume, Path.Combine(folder, $"{i}.npy")))
                .ToArray();
            foreach (var (volume, file) in files)
                VolumeFile.Write(file, volume);
            var spacing = reference.Grid.Spacing;
            using var peer = Peer.Python(
                "monai_metrics.py",
                monai,
                files[0].Item2,
                files[1].Item2,
                // As numpy has the axes.
                Invariant($"{spacing.Z}"),
                Invariant($"{spacing.Y}"),
                Invariant($"{spacing.X}")
            );
            return Ratio.Measure("metrics", () => Measure(reference, prediction), peer.Work);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(Volume<byte> reference, Volume<byte> prediction)
    {
        var boxes = LabelBoxes
            .Find("reference", reference, Labels.Count)
            .Zip(LabelBoxes.Find("prediction", prediction, Labels.Count), (a, b) => a.Union(b))
            .ToArray();
        for (var label = 1; label < Labels.Count; label++)
        {
            var distances = new SurfaceDistances(
                MaskPair.Of(reference, prediction, [label], boxes[label])
            );
            _ = (distances.At(95), distances.Average, distances.ShareWithin(1));
        }
    }

    // Everything two voxels down and one to the back: wrong, but not very.
    private static Volume<byte> Moved(Volume<byte> labels)
    {
        var (size, moved) = (labels.Grid.Size, new byte[labels.Voxels.Length]);
        var by = 2 + size.X;
        labels.Voxels.AsSpan(0, moved.Length - by).CopyTo(moved.AsSpan(by));
        return labels with { Voxels = moved };
    }
}

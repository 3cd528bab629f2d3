using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Runs;
using KneeSeg.Torch.Checkpoints;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Run folders as training leaves them, with a tiny network of random weights.</summary>
internal static class Runs
{
    public const string Spec = "unet3d+tiny";

    public static readonly LabelSchema Profile = new(
        "two",
        ["background", "cartilage", "meniscus"]
    );

    /// <summary>Writes a run folder with a checkpoint at each of these places.</summary>
    public static RunFolder Write(
        string path,
        string spec = Spec,
        long seed = 1,
        Func<RunFolder, string>[]? checkpoints = null
    )
    {
        var folder = RunFolder.At(path);
        var run = Description(spec);
        AtomicFile.WriteText(folder.RunFile, run.Write());
        using var network = new TorchNetwork(Networks.Load(spec, 1, Profile.Classes), seed);
        foreach (var place in checkpoints ?? [f => f.Best])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place(folder))!);
            Checkpoint.Save(
                place(folder),
                null,
                network,
                [],
                new Dictionary<string, string> { ["run"] = run.Write() }
            );
        }
        return folder;
    }

    /// <summary>An image of random blobs.</summary>
    public static Volume<float> Image(Size3 size, Spacing3 spacing, string codes, int seed = 1)
    {
        var random = new Random(seed);
        var voxels = new float[size.Count];
        for (var i = 0; i < voxels.Length; i++)
            voxels[i] = (float)(100 * random.NextDouble() + 50 * Math.Sin(i * 0.05));
        return new(Grid.Centered(size, spacing, codes), voxels);
    }

    private static RunManifest Description(string spec)
    {
        var graph = Networks.Load(spec, 1, Profile.Classes);
        return new(
            RunManifest.CurrentFormat,
            graph.Name,
            graph.Hash,
            Networks.Parse(spec),
            new Recipe(),
            new(16, 16, 16),
            new Preprocessor(new ModelSpacing(6, 3, 3)),
            Profile.Name,
            Profile.Labels,
            "made up",
            "",
            new Dictionary<Split, IReadOnlyList<string>>(),
            RunManifest.ThisVersion
        );
    }
}

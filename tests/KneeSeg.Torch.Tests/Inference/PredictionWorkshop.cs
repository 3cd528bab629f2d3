using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Two images, a run of random weights, and a place for predictions.</summary>
public abstract class PredictionWorkshop : IDisposable
{
    protected PredictionWorkshop()
    {
        Folder = Directory.CreateTempSubdirectory("kneeseg").FullName;
        Images = Path.Combine(Folder, "images");
        Predictions = Path.Combine(Folder, "predictions");
        Own = Open("run", seed: 1);
        Save("a.nii.gz", 1);
        Save("b.nii", 2);
    }

    /// <summary>Holds everything.</summary>
    protected string Folder { get; }

    /// <summary>Two images, <c>a.nii.gz</c> and <c>b.nii</c>.</summary>
    protected string Images { get; }

    /// <summary>The target folder.</summary>
    protected string Predictions { get; }

    /// <summary>Of the run in the folder <c>run</c>.</summary>
    protected Predictor Own { get; }

    public void Dispose()
    {
        Own.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected PredictionSummary Run(
        string input,
        PredictionOutput output,
        Postprocessing? rules = null
    ) =>
        PredictionJob.Run(
            Own,
            new PredictionRequest(
                PredictionInput.Find([input]),
                Predictions,
                output,
                rules ?? Postprocessing.None
            ),
            SilentProgress.Instance
        );

    protected PredictionSummary Run(string input, Postprocessing rules) =>
        Run(input, new PredictionOutput(), rules);

    protected PredictionSummary Run(string input) =>
        PredictionJob.Run(Own, PredictionInput.Find([input]), Predictions, SilentProgress.Instance);

    protected Predictor Open(string name, long seed, PredictionMode? mode = null) =>
        Predictor.Open(
            Runs.Write(Path.Combine(Folder, name), seed: seed).Root,
            Precision.Fp32,
            CPU,
            SilentProgress.Instance,
            mode
        );

    protected void Save(string name, int seed)
    {
        var image = Runs.Image(new(18, 17, 9), new(3, 3, 6), "PIR", seed);
        VolumeFile.Write(Path.Combine(Images, name), image);
    }

    protected void WriteDataset(string profile)
    {
        var labels = string.Join(", ", LabelSchema.Find(profile)!.Labels.Select(l => $"\"{l}\""));
        VolumeFile.Write(
            Path.Combine(Folder, "labels.nii"),
            new Volume<byte>(
                Grid.Centered(new(18, 17, 9), new(3, 3, 6), "PIR"),
                new byte[18 * 17 * 9]
            )
        );
        File.WriteAllText(
            Path.Combine(Folder, "dataset.json"),
            $$"""
            { "format": 1, "name": "two", "profile": "{{profile}}", "labels": [{{labels}}],
              "mirror": { "axes": [], "swap": [] },
              "cases": [
                { "id": "first", "subject": "1", "side": "right", "split": "train", "image": "images/a.nii.gz", "labels": "labels.nii" },
                { "id": "second", "subject": "2", "side": "right", "split": "test", "image": "images/b.nii" } ] }
            """
        );
    }
}

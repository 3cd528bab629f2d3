using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class PredictionOutputTests : PredictionWorkshop
{
    [Fact]
    public void Probabilities_uncertainty_and_crops_lie_beside_the_labels()
    {
        Run(Images, new PredictionOutput(OutputFormat.MetaImage, true, true, RoiMargin: 2));

        var labels = VolumeFile.ReadLabels(Path.Combine(Predictions, "a.mha"));
        var (cartilage, meniscus) = (
            VolumeFile.ReadImage(Path.Combine(Predictions, "probabilities", "a-cartilage.mha")),
            VolumeFile.ReadImage(Path.Combine(Predictions, "probabilities", "a-meniscus.mha"))
        );
        var uncertainty = VolumeFile.ReadImage(Path.Combine(Predictions, "uncertainty", "a.mha"));
        Assert.True(cartilage.Grid.SameAs(labels.Grid) && uncertainty.Grid.SameAs(labels.Grid));
        for (var i = 0; i < labels.Voxels.Length; i++)
        {
            float[] p =
            [
                1 - cartilage.Voxels[i] - meniscus.Voxels[i],
                cartilage.Voxels[i],
                meniscus.Voxels[i],
            ];
            Assert.Equal(p.Max(), p[labels.Voxels[i]], 1e-4);
            var entropy = -p.Where(x => x > 1e-6).Sum(x => x * Math.Log(x)) / Math.Log(3);
            Assert.Equal(entropy, uncertainty.Voxels[i], 1e-3);
        }
        var crop = VolumeFile.ReadLabels(
            Path.Combine(Predictions, "roi", "a-labels.npy"),
            new ModelSpacing(6, 3, 3)
        );
        Assert.Equal(
            labels.Voxels.Count(label => label > 0),
            crop.Voxels.Count(label => label > 0)
        );
    }

    [Fact]
    public void What_is_written_repeats_the_images_header_and_color_tables_lie_beside()
    {
        // A qform 5 mm beside the sform, as after a registration.
        var image = Path.Combine(Images, "b.nii");
        var bytes = File.ReadAllBytes(image);
        BitConverter.TryWriteBytes(bytes.AsSpan(268), BitConverter.ToSingle(bytes, 268) + 5);
        BitConverter.TryWriteBytes(bytes.AsSpan(254), (short)4);
        File.WriteAllBytes(image, bytes);
        Run(image, new PredictionOutput(OutputFormat.Same, true, true));

        foreach (var name in new[] { "b.nii", "probabilities/b-meniscus.nii", "uncertainty/b.nii" })
        {
            var written = File.ReadAllBytes(Path.Combine(Predictions, name));
            Assert.Equal(bytes[76..92], written[76..92]);
            Assert.Equal(bytes[252..328], written[252..328]);
            Assert.Equal(name == "b.nii" ? 1002 : 0, BitConverter.ToInt16(written, 68));
        }
        Assert.Contains(
            "1 cartilage 86 180 233 255",
            File.ReadLines(Path.Combine(Predictions, ColorTables.SlicerName))
        );
        Assert.Contains(
            File.ReadLines(Path.Combine(Predictions, ColorTables.ItkSnapName)),
            line => line.EndsWith("\"meniscus\"")
        );
    }

    [Fact]
    public void A_missing_probability_map_is_made_again()
    {
        PredictionOutput output = new(Probabilities: true);
        Run(Images, output);
        var map = Path.Combine(Predictions, "probabilities", "b-meniscus.nii.gz");
        var whole = File.ReadAllBytes(map);
        File.Delete(map);

        var summary = Run(Images, output);

        Assert.Equal((1, 1), (summary.Predicted, summary.Skipped));
        Assert.Equal(whole, File.ReadAllBytes(map));
    }

    [Fact]
    public void The_images_own_format_is_kept_when_asked()
    {
        Run(Images, new PredictionOutput(OutputFormat.Same));

        Assert.True(File.Exists(Path.Combine(Predictions, "a.nii.gz")));
        Assert.True(File.Exists(Path.Combine(Predictions, "b.nii")));
    }

    [Fact]
    public void One_line_says_beforehand_what_it_takes()
    {
        var heard = new Listener();

        PredictionJob.Run(Own, PredictionInput.Find([Images]), Predictions, heard);

        Assert.Matches(
            @"^2 images by unet3d\+tiny in 4 windows of 16x16x16: about \d+ s, at most [\d.]+ [MG]B of memory$",
            Assert.Single(heard.Said)
        );
    }

    [Fact]
    public void Labels_in_place_of_an_image_are_a_problem()
    {
        var grid = Grid.Centered(new(18, 17, 9), new(3, 3, 6), "PIR");
        byte[] some = [.. Enumerable.Range(0, (int)grid.Size.Count).Select(i => (byte)(i % 7))];
        VolumeFile.Write(Path.Combine(Images, "labels.nii"), new Volume<byte>(grid, some));

        var problem = Assert.Single(Run(Images).Problems);

        Assert.Equal(
            (ExitCode.Data, true),
            (problem.Exit, problem.What.Contains("like a label volume"))
        );
    }

    [Fact]
    public void Voxels_that_are_not_finite_are_told_and_an_axis_of_one_voxel_is_predicted()
    {
        var image = Runs.Image(new(18, 1, 9), new(3, 3, 6), "LSP");
        image.Voxels[3] = float.NaN;
        VolumeFile.Write(Path.Combine(Images, "thin.nii"), image);
        var heard = new Listener();

        var summary = PredictionJob.Run(
            Own,
            PredictionInput.Find([Path.Combine(Images, "thin.nii")]),
            Predictions,
            heard
        );

        Assert.Equal(1, summary.Predicted);
        Assert.Contains(
            "thin: 1 voxels are not finite; replacing them by the minimum intensity",
            heard.Said
        );
        Assert.Equal(
            image.Grid.Size,
            VolumeFile.ReadLabels(Path.Combine(Predictions, "thin.nii.gz")).Grid.Size
        );
    }

    [Fact]
    public void An_image_that_shows_nothing_is_a_problem()
    {
        var grid = Grid.Centered(new(18, 17, 9), new(3, 3, 6), "PIR");
        var flat = Path.Combine(Images, "flat.nii");
        VolumeFile.Write(flat, new Volume<float>(grid, new float[grid.Size.Count]));

        var summary = Run(Images);

        Assert.Equal((2, flat), (summary.Predicted, Assert.Single(summary.Problems).Where));
    }

    [Fact]
    public void What_postprocessing_did_is_kept_beside_the_predictions()
    {
        var rules = new Postprocessing([new LabelRule("cartilage", MinimumVolume: 1e6)]);

        var summary = Run(Images, rules);

        var labels = VolumeFile.ReadLabels(Path.Combine(Predictions, "a.nii.gz"));
        Assert.DoesNotContain((byte)1, labels.Voxels);
        Assert.Contains(summary.Changes, change => change.Label == "cartilage");
        Assert.Contains(
            "removed a part",
            File.ReadAllText(Path.Combine(Predictions, "predictions.json"))
        );
    }

    [Fact]
    public void More_memory_than_there_is_is_refused_before_any_work()
    {
        using var small = Open("small", seed: 1, new PredictionMode(Memory: 1_000_000));

        var problem = Assert.Throws<ProblemException>(() =>
            PredictionJob.Run(
                small,
                PredictionInput.Find([Images]),
                Predictions,
                SilentProgress.Instance
            )
        );

        Assert.Equal(ExitCode.Resources, problem.Exit);
    }

    [Fact]
    public void An_ensemble_says_the_mean_of_its_members()
    {
        using var other = Open("other", seed: 2);
        using var both = Predictor.Open(
            [Path.Combine(Folder, "run"), Path.Combine(Folder, "other")],
            Precision.Fp32,
            CPU,
            SilentProgress.Instance
        );
        var image = VolumeFile.ReadImage(Path.Combine(Images, "a.nii.gz"));
        ushort[] Cartilage(Predictor one) =>
            one.Predict([image], one.Plan(image.Grid, new PredictionOutput(Probabilities: true)))
                .Probabilities[0]
                .Voxels;

        var mean = Cartilage(both);

        Assert.Equal(
            Cartilage(Own).Zip(Cartilage(other), (a, b) => (a + b) / 2.0),
            mean.Select(p => (double)p),
            (a, b) => Math.Abs(a - b) <= 1
        );
    }

    [Fact]
    public void A_folder_of_runs_is_an_ensemble()
    {
        Open("folds/fold-1", seed: 1).Dispose();
        Open("folds/fold-2", seed: 2).Dispose();

        var (runs, others) = RunSet.Find([Path.Combine(Folder, "folds"), Images]);

        Assert.Equal(["fold-1", "fold-2"], runs.Select(Path.GetFileName));
        Assert.Equal([Images], others);
    }

    [Fact]
    public void A_dataset_with_runs_in_its_folder_is_no_ensemble()
    {
        Open("knees/run", seed: 1).Dispose();
        var knees = Path.Combine(Folder, "knees");
        File.WriteAllText(Path.Combine(knees, "dataset.json"), "{}");

        var (runs, others) = RunSet.Find([Path.Combine(knees, "run"), knees]);

        Assert.Equal(["run"], runs.Select(Path.GetFileName));
        Assert.Equal([knees], others);
    }

    [Fact]
    public void Without_a_run_nothing_is_predicted() =>
        Assert.Equal(
            ExitCode.Data,
            Assert.Throws<ProblemException>(() => RunSet.Find([Images])).Exit
        );
}

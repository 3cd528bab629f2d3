using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Reports;
using KneeSeg.Runs;
using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Trainings of a few steps on two contrasts and on neighboring slices, and what they predict.</summary>
public sealed class ChannelTests(ChannelTests.Knees knees) : IClassFixture<ChannelTests.Knees>
{
    [Fact]
    public void A_run_keeps_the_names_of_its_channels_and_their_rules()
    {
        var run = knees.Both.Describe();
        Assert.Equal(["dess", "t2"], run.Channels);
        Assert.Equal(2, run.InputChannels);
        var text = File.ReadAllText(knees.Both.RunFile);
        Assert.Contains("\"intensity\": \"t2=zScore, percentiles\"", text);
        Assert.Contains("\"intensityByChannel\"", text);
        Assert.DoesNotContain("\"slices\"", text);
        Assert.Equal(text, RunManifest.Read(text, "").Write());
        Assert.Equal([0, 1], run.Images!.Intensities.Select(one => one.Channel).Distinct());
        Assert.Contains("channels dess, t2", RunReport.Gather(knees.Both, null, []).Data);
    }

    [Fact]
    public void Channels_are_predicted_by_their_names_in_any_order()
    {
        using var predictor = knees.Open("both");
        var test = DatasetFolder.Open(knees.At("knees")).Cases[^1];
        var (dess, t2) = (test.Images[0], test.Images[1]);
        Predict(predictor, "set", knees.At("knees"));
        Predict(predictor, "named", $"t2={t2},dess={dess}");
        Directory.CreateDirectory(knees.At("numbered"));
        File.Copy(dess, knees.At($"numbered/{test.Id}_0000.nii.gz"));
        File.Copy(t2, knees.At($"numbered/{test.Id}_0001.nii.gz"));
        Assert.Contains(
            Predict(predictor, "folder", knees.At("numbered")),
            line => line.Contains($"dess is {test.Id}_0000.nii.gz, t2 is {test.Id}_0001.nii.gz")
        );
        byte[] Labels(string of, string id) =>
            VolumeFile.ReadLabels(knees.At($"{of}/{id}.nii.gz")).Voxels;
        var expected = predictor.Predict(test.ReadImages()).Voxels;
        Assert.Equal(expected, Labels("set", test.Id));
        Assert.Equal(expected, Labels("named", CaseId.Of(t2)));
        Assert.Equal(expected, Labels("folder", test.Id));
        // The other way round is another image.
        Assert.NotEqual(expected, predictor.Predict([.. test.ReadImages().Reverse()]).Voxels);
    }

    [Fact]
    public void Channels_that_cannot_be_matched_are_refused_with_the_names_on_both_sides()
    {
        using var both = knees.Open("both");
        using var alone = knees.Open("alone");
        var image = DatasetFolder.Open(knees.At("knees")).Cases[^1].Image;
        string Refused(Predictor by, string input)
        {
            var problem = Assert.Throws<ProblemException>(() => Predict(by, "refused", input));
            Assert.Equal(ExitCode.Checkpoint, problem.Exit);
            return $"{problem.What} | {problem.Fix}";
        }
        Assert.Equal(
            "it has one image without names, but the network takes the channels dess, t2 | Pass a case as dess=FILE,t2=FILE, or a dataset with these channels",
            Refused(both, image)
        );
        Assert.StartsWith(
            "it has the channels dess, t1, but the network takes the channels dess, t2",
            Refused(both, $"dess={image},t1={image}")
        );
        Assert.StartsWith(
            "it has the channels dess, t2, but the network takes one channel",
            Refused(alone, knees.At("knees"))
        );
        var mixed = Assert.Throws<ProblemException>(() =>
            Predictor.Open(
                [knees.At("both"), knees.At("alone")],
                Precision.Fp32,
                CPU,
                SilentProgress.Instance
            )
        );
        Assert.Contains(
            "takes the channels of one image, but the first run takes dess, t2",
            mixed.What
        );
    }

    [Fact]
    public void Another_order_of_channels_is_another_dataset()
    {
        var (was, now) = (
            knees.Both.Describe(),
            knees.Both.Describe() with
            {
                Channels = ["t2", "dess"],
            }
        );
        Assert.Contains(
            "the channels were dess, t2 and are now t2, dess",
            RunConflict.Between(was, now)!.What
        );
    }

    [Fact]
    public void Slices_are_channels_of_2D_networks_in_training_and_prediction()
    {
        var request = knees.Request("unet+tiny", "single", "slices", "32x32", "slices=3");
        Assert.True(Trainer.Run(request, SilentProgress.Instance, []).Finished);
        var run = RunFolder.At(knees.At("slices")).Describe();
        Assert.Equal((3, 1), (run.InputChannels, run.Patch.Depth));
        using var predictor = knees.Open("slices");
        var image = DatasetFolder.Open(knees.At("single")).Cases[^1].ReadImage();
        var found = Orientation.ToModel(predictor.Predict(image)).Voxels;
        Assert.Equal(image.Voxels.Length, found.Length);

        var refused = knees.Request("unet3d+tiny", "single", "no", "16x32x32", "slices=3");
        var problem = Assert.Throws<ProblemException>(() =>
            Trainer.Run(refused, SilentProgress.Instance, [])
        );
        Assert.Equal("--set slices=3", problem.Where);
        Assert.Contains("2D network", problem.Fix);
    }

    [Fact]
    public void A_rule_for_a_channel_that_the_data_do_not_have_is_refused()
    {
        var request = knees.Request(
            "unet3d+tiny",
            "knees",
            "no",
            "16x32x32",
            "intensity=t3=zScore"
        );
        var problem = Assert.Throws<ProblemException>(() =>
            Trainer.Run(request, SilentProgress.Instance, [])
        );
        Assert.Equal("the dataset has no channel 't3'", problem.What);
        Assert.Contains("dess, t2", problem.Fix);
    }

    private IReadOnlyList<string> Predict(Predictor predictor, string to, string input)
    {
        var heard = new Inference.Listener();
        var summary = PredictionJob.Run(
            predictor,
            PredictionInput.Find([input], predictor.Channels),
            knees.At(to),
            heard
        );
        Assert.Empty(summary.Problems);
        return heard.Said;
    }

    /// <summary>Knees of two contrasts and of one, with a short training on each.</summary>
    public sealed class Knees : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

        public Knees()
        {
            PhantomSet.Write(
                At("knees"),
                3,
                new(16, 32, 32),
                channels: [PhantomContrast.Dess, PhantomContrast.T2]
            );
            PhantomSet.Write(At("single"), 3, new(16, 32, 32));
            Train("both", "knees", "intensity=t2=zScore, percentiles");
            Train("alone", "single");
        }

        public RunFolder Both => RunFolder.At(At("both"));

        public string At(string name) => Path.Combine(folder, name);

        public Predictor Open(string run) =>
            Predictor.Open(At(run), Precision.Fp32, CPU, SilentProgress.Instance);

        public TrainingRequest Request(
            string spec,
            string data,
            string run,
            string patch,
            params string[] set
        )
        {
            var request = ShortTraining.Of(spec, At(data), At(run), patch);
            return request with
            {
                Recipe = RecipeText.Set(request.Recipe, ["epochs=1", "stepsPerEpoch=2", .. set]),
            };
        }

        public void Dispose() => Directory.Delete(folder, recursive: true);

        private void Train(string run, string data, params string[] set) =>
            Trainer.Run(
                Request("unet3d+tiny", data, run, "16x32x32", set),
                SilentProgress.Instance,
                []
            );
    }
}

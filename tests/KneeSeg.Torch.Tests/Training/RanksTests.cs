using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Parallel;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Several ranks train the same bytes as one process that accumulates gradients, and end together.</summary>
public sealed class RanksTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public RanksTests() => NativeStart.Initialize();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Batch norms, dropout, weights used several times, several outputs; and three ranks, which halves do not show.</summary>
    [Theory]
    [InlineData("unet3d+tiny", 3, false)]
    [InlineData("unet3d+tiny", 2, true)]
    [InlineData("tiny-vnet", 2, false)]
    [InlineData("r2-unet+tiny", 2, true)]
    [InlineData("unet-plus-plus+tiny+deep-supervision", 2, false)]
    public void Ranks_train_the_bytes_of_accumulated_steps(string spec, int count, bool recomputes)
    {
        var graph = Networks.Load(spec, 1, 3);
        Recipe recipe = new()
        {
            BatchSize = count,
            AccumulationSteps = count,
            InputNoise = .1,
            GradientClip = .5,
        };
        int[] cuts = recomputes
            ? [.. Enumerable.Range(1, (graph.Nodes.Length - 1) / 5).Select(i => 5 * i)]
            : [];

        var accumulated = Train(graph, recipe, Ranks.Alone, cuts);

        // The collector must not run while two threads share a step.
        using var noGc = NoGarbageCollection.Enter();
        var trained = new (string, double[])[count];
        var thrown = ThreadRanks.Run(
            count,
            (ranks, _) => trained[ranks.Rank] = Train(graph, recipe, ranks, cuts)
        );
        Assert.All(thrown, Assert.Null);
        Assert.All(
            trained,
            one =>
            {
                Assert.Equal(accumulated.Losses, one.Item2);
                Assert.Equal(accumulated.Hash, one.Item1);
            }
        );
    }

    [Fact]
    public void Parts_have_an_order()
    {
        // Otherwise equal bytes would say nothing of it: running statistics, noise and sums depend on it.
        var graph = Networks.Load("unet3d+tiny", 1, 3);
        Recipe recipe = new() { BatchSize = 3, AccumulationSteps = 3 };
        Assert.NotEqual(
            Train(graph, recipe, Ranks.Alone, []).Hash,
            Train(graph, recipe, Ranks.Alone, [], reversed: true).Hash
        );
    }

    [Fact]
    public void Parts_change_running_statistics_as_libtorch_does_one_after_another()
    {
        // Its norms are used several times in each pass.
        var graph = Networks.Load("r2-unet+tiny", 1, 3);
        using var parts = new TorchNetwork(graph, seed: 1);
        using var whole = new TorchNetwork(graph, seed: 1);
        parts.train();
        whole.train();
        List<double[]> updates = [];
        manual_seed(3);
        foreach (var _ in new[] { 1, 2, 3 })
        {
            using var image = randn(1, 1, 32, 32) + 1;
            using var statistics = parts.NewPartStatistics();
            parts.ForwardForTraining(image, null, statistics, null, []).Dispose();
            whole.ForwardForTraining(image).Dispose();
            updates.Add(statistics.Values());
        }
        foreach (var (name, _) in parts.named_buffers().Where(one => one.name.EndsWith("mean")))
            Assert.Equal(0, parts.get_buffer(name)!.abs().max().item<float>());
        parts.ApplyStatistics(updates);
        Assert.Contains(parts.named_buffers(), one => one.name.EndsWith("running_var"));
        foreach (var (name, expected) in whole.named_buffers())
            Assert.True(expected.allclose(parts.get_buffer(name)!, 1e-5, 1e-6), name);
    }

    [Fact]
    public void A_training_on_two_ranks_is_saved_where_one_dies_and_resumed_by_any_way_of_two_parts()
    {
        PhantomSet.Write(At("knees"), 5, new(16, 32, 32));
        using var noGc = NoGarbageCollection.Enter();
        var whole = Request("whole");
        Trainer.Run(
            whole with
            {
                Recipe = whole.Recipe with { AccumulationSteps = 2 },
            },
            SilentProgress.Instance,
            []
        );

        var said = new Lines();
        var thrown = OnRanks(2, "killed", said, diesAt: 5);
        Assert.IsType<InvalidOperationException>(thrown[1]);
        Assert.Null(thrown[0]);
        // In the sixth step of one rank; the other may still be in the fifth.
        var step = Saved("killed", "last").Metadata["step"];
        Assert.Contains(step, new[] { "4", "5" });
        Assert.Contains(said, line => line.StartsWith($"ended after step {step}, which is saved"));

        Directory.CreateDirectory(At("again"));
        foreach (var file in Directory.GetFiles(At("killed"), "*", SearchOption.AllDirectories))
        {
            var copy = file.Replace(At("killed"), At("again"));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        Assert.All(OnRanks(2, "killed", said), Assert.Null);
        Trainer.Run(
            Request("again") with
            {
                Recipe = whole.Recipe with { AccumulationSteps = 2 },
            },
            SilentProgress.Instance,
            []
        );
        foreach (var checkpoint in new[] { "best", "last" })
        foreach (var run in new[] { "killed", "again" })
            Assert.Equal(Saved("whole", checkpoint).Hash, Saved(run, checkpoint).Hash);
        Assert.Equal(
            RunLog.Read(RunFolder.At(At("whole")).LogFile).SelectMany(epoch => epoch.Losses),
            RunLog.Read(RunFolder.At(At("killed")).LogFile).SelectMany(epoch => epoch.Losses)
        );

        // Another number of ranks would train other bytes.
        var other = OnRanks(4, "killed", said);
        var problem = Assert.IsType<ProblemException>(other[0]);
        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.Contains("accumulationSteps 2, not 4", problem.What);
        Assert.All(
            other.Skip(1),
            e =>
                Assert.Equal(
                    ExitCode.Checkpoint,
                    Assert.IsType<ReportedByFirstRankException>(e).Exit
                )
        );
    }

    [Theory]
    [InlineData(
        "batchSize=4 accumulationSteps=4",
        "there are 2 ranks, and each computes one part of a batch"
    )]
    [InlineData("batchSize=5", "2 ranks can't share a batch of 5")]
    public void A_recipe_that_ranks_cannot_share_is_refused(string set, string says)
    {
        var thrown = OnRanks(2, "run", new Lines(), set);
        var problem = Assert.IsType<ProblemException>(thrown[0]);
        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.EndsWith(problem.Where, set);
        Assert.Contains(says, problem.What);
    }

    [Fact]
    public void A_problem_of_one_rank_ends_all_and_the_first_reports_it()
    {
        var thrown = ThreadRanks.Run(
            3,
            (ranks, _) =>
                ranks.Together(() =>
                    ranks.Rank == 2
                        ? throw new ProblemException(ExitCode.Data, "a.nii", "is gone", "Find it")
                        : 0
                )
        );
        var problem = Assert.IsType<ProblemException>(thrown[0]);
        Assert.Equal($"rank 2 on {Environment.MachineName}, a.nii", problem.Where);
        Assert.Equal((ExitCode.Data, "is gone"), (problem.Exit, problem.What));
        Assert.All(
            thrown[1..],
            e => Assert.Equal(ExitCode.Data, Assert.IsType<ReportedByFirstRankException>(e).Exit)
        );
    }

    [Fact]
    public void A_rank_whose_loss_is_not_finite_is_found()
    {
        var graph = Networks.Load("unet3d+tiny", 1, 3);
        Recipe recipe = new() { AccumulationSteps = 2 };
        using var noGc = NoGarbageCollection.Enter();
        var thrown = ThreadRanks.Run(
            2,
            (ranks, _) =>
            {
                using var learner = New(graph, recipe, ranks, []);
                var batch = Batch(graph, 1, ranks.Rank);
                if (ranks.Rank == 1)
                    batch.Images[5] = float.NaN;
                learner.Step(batch, 0, 1e-3);
            }
        );
        var problem = Assert.IsType<ProblemException>(thrown[0]);
        Assert.Equal("step 1, cases knee-0, knee-1", problem.Where);
        Assert.Contains("the loss is NaN, first at image", problem.What);
        Assert.Equal(
            ExitCode.Numerics,
            Assert.IsType<ReportedByFirstRankException>(thrown[1]).Exit
        );
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 PMI_SIZE=2", "mpirun", 4)]
    [InlineData("PMI_SIZE=2 PMI_RANK=0", "mpiexec", 2)]
    [InlineData("SLURM_NTASKS=8 SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=3", "srun", 8)]
    // The script of a job that has several tasks is not one of them.
    [InlineData("SLURM_NTASKS=8 SLURM_PROCID=0", null, 0)]
    [InlineData("SLURM_STEP_NUM_TASKS=many", null, 0)]
    [InlineData("", null, 0)]
    public void A_launcher_is_known_by_its_variables(string variables, string? name, int processes)
    {
        var set = variables
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => one.Split('='))
            .ToDictionary(one => one[0], one => one[1]);
        var found = Launcher.Find(set.GetValueOrDefault);
        Assert.Equal((name, processes), (found?.Name, found?.Processes ?? 0));
    }

    [Fact]
    public void Without_an_MPI_library_the_message_says_what_to_do()
    {
        var problem = Assert.Throws<ProblemException>(() =>
            MpiLibrary.Find(new("mpirun", 2), "libno-mpi.so.40", "libnone-either.so")
        );
        Assert.Equal(ExitCode.Resources, problem.Exit);
        Assert.Equal("mpirun, 2 processes", problem.Where);
        Assert.Equal("no MPI library was found (libno-mpi.so.40, libnone-either.so)", problem.What);
        Assert.Contains("--set accumulationSteps=2", problem.Fix);
    }

    private Exception?[] OnRanks(
        int count,
        string run,
        Lines said,
        string set = "seed=1",
        int diesAt = -1
    ) =>
        ThreadRanks.Run(
            count,
            (ranks, cancel) =>
            {
                if (ranks.Rank == 1)
                    ranks.DiesAt = diesAt;
                var request = Request(run);
                Trainer.Run(
                    request with
                    {
                        Ranks = ranks,
                        Recipe = RecipeText.Set(
                            count == 4 ? request.Recipe with { BatchSize = 4 } : request.Recipe,
                            set.Split(' ')
                        ),
                    },
                    said,
                    [],
                    cancel
                );
            }
        );

    private TrainingRequest Request(string run)
    {
        var request = ShortTraining.Of("unet3d+tiny", At("knees"), At(run), "16x32x32");
        return request with { Recipe = request.Recipe with { BatchSize = 2, InputNoise = .1 } };
    }

    private string At(string name) => Path.Combine(folder, name);

    private SafetensorsFile Saved(string run, string checkpoint) =>
        SafetensorsFile.Read(Path.Combine(At(run), "checkpoints", $"{checkpoint}.safetensors"));

    // Two steps of a learner.
    private static (string Hash, double[] Losses) Train(
        Graph graph,
        Recipe recipe,
        Ranks ranks,
        int[] cuts,
        bool reversed = false
    )
    {
        using var learner = New(graph, recipe, ranks, cuts);
        var count = recipe.AccumulationSteps;
        int[] samples = ranks.Count > 1 ? [ranks.Rank] : [.. Enumerable.Range(0, count)];
        if (reversed)
            Array.Reverse(samples);
        double[] losses =
        [
            .. Enumerable
                .Range(0, 2)
                .Select(step => learner.Step(Batch(graph, 1 + step, samples), step, .01).Total),
        ];
        return (learner.Hash(), losses);
    }

    private static Learner New(Graph graph, Recipe recipe, Ranks ranks, int[] cuts) =>
        new(
            new TorchNetwork(graph, seed: 1),
            recipe,
            ModelInput.Of(graph, Size(graph)),
            new(1, 1, 1),
            Precision.Fp32,
            CPU,
            ranks,
            cuts
        );

    private static int[] Size(Graph graph) =>
        [.. Enumerable.Repeat(graph.Axes == 2 ? 32 : 16, graph.Axes)];

    private static PatchBatch Batch(Graph graph, int seed, params int[] samples)
    {
        var voxels = Size(graph).Aggregate(1, (product, length) => product * length);
        var images = new float[samples.Length * voxels];
        var labels = new byte[images.Length];
        for (var n = 0; n < samples.Length; n++)
        {
            var random = new Random(100 * seed + samples[n]);
            for (var i = n * voxels; i < (n + 1) * voxels; i++)
                (images[i], labels[i]) = (random.NextSingle(), (byte)random.Next(3));
        }
        return new(
            0,
            0,
            [.. samples.Select(n => $"knee-{n}")],
            images,
            labels,
            new float[3 * samples.Length]
        );
    }

    private sealed class Lines : List<string>, IProgressSink
    {
        public void Report(Progress progress) { }

        public void Say(string line) => Add(line);
    }
}

using FsCheck.Xunit;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Fingerprints;
using KneeSeg.Dsl;
using KneeSeg.Experiments.Planning;
using KneeSeg.Imaging;
using KneeSeg.Torch.Native;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>Which plan facts lead to.</summary>
public sealed class PlannerTests
{
    private const long GB = 1_000_000_000;

    private static readonly TimeModel Time = new(
        [2e-12, 2e-11, 1e-9, 1e-9, 1e-7, 1e-8, 1e-5],
        Error: 0.1,
        WindowShare: 0.3
    );

    private static PlannedData Data(
        (int D, int H, int W) size,
        (double D, double H, double W) spacing,
        double thickness = 2
    )
    {
        StructureFingerprint structure = new(
            "cartilage",
            1000,
            new(size.D, size.H, size.W),
            thickness,
            [null, thickness / spacing.H, thickness / spacing.W],
            []
        );
        return new(
            new(
                "data",
                ["background", "cartilage"],
                [],
                [
                    .. Enumerable
                        .Range(0, 20)
                        .Select(i => new CaseFingerprint(
                            $"{i}",
                            $"{i}",
                            i < 14 ? Split.Train : Split.Validation,
                            new(size.D, size.H, size.W),
                            new ModelSpacing(spacing.D, spacing.H, spacing.W),
                            "LPS",
                            [],
                            [structure]
                        )),
                ]
            )
        );
    }

    private static Planner Planner(
        PlannedData data,
        double gigabytes = 4,
        double minutes = 30,
        double? predict = null
    ) =>
        new(
            data,
            new(
                (long)(gigabytes * GB),
                TimeSpan.FromMinutes(minutes),
                predict is { } most ? (long)(most * GB) : null
            ),
            Time,
            program: GB / 5,
            elementBytes: 2
        );

    private static readonly PlannedData Knees = Data((48, 96, 96), (2.33, 1.46, 1.46));

    private static readonly Lazy<IReadOnlyList<Candidate>> Ranked = new(() =>
        Planner(Knees, minutes: 600).Rank()
    );

    [Property(MaxTest = 3)]
    public void Every_candidate_elaborates_to_its_plan_and_fits_the_limits(
        byte depth,
        byte width,
        byte slice,
        byte pixel,
        byte memory
    )
    {
        var (between, mm) = (0.3 + slice % 50 / 10.0, 0.3 + pixel % 10 / 10.0);
        var data = Data((8 + depth % 90, 24 + width % 180, 24 + width % 180), (between, mm, mm));
        var gigabytes = 1 + memory % 12;
        foreach (var one in Planner(data, gigabytes, minutes: 600).Rank().Take(20))
        {
            var graph = Networks.Elaborate(Networks.OfPlan(one.Plan), data.Channels, data.Classes);
            Assert.Equal(one.Graph.Hash, graph.Hash);
            Networks.CheckBatch(graph, one.Patch, one.Batch);
            Assert.All(
                one.Patch.Zip(graph.Multiple),
                axis => Assert.Equal(0, axis.First % axis.Second)
            );
            Assert.InRange(
                LibtorchMemory.Peak(graph, one.Patch, one.Batch, 2).Train,
                0,
                one.Memory
            );
            Assert.InRange(one.Memory, 0, gigabytes * GB);
            Assert.InRange(one.Seconds, 0, 600 * 60);
        }
    }

    [Property(MaxTest = 2)]
    public void More_memory_or_time_never_gives_a_worse_plan(byte memory, byte time)
    {
        double Best(double gigabytes, double minutes) =>
            Planner(Knees, gigabytes, minutes).Rank()[0].Expected.Total;
        var (gigabytes, minutes) = (1 + memory % 12, 10 + time % 100);
        Assert.True(Best(gigabytes + 1, minutes) <= Best(gigabytes, minutes));
        Assert.True(Best(gigabytes, 2 * minutes) <= Best(gigabytes, minutes) + 1e-4);
    }

    [Fact]
    public void Thick_slices_get_flat_kernels_and_steps_until_voxels_are_alike()
    {
        var best = Planner(Data((24, 256, 256), (4.67, 0.55, 0.55))).Rank()[0];
        Assert.Equal([1, 3, 3], best.Plan.Levels[0].Kernel);
        Assert.All(best.Plan.Levels.Take(3), level => Assert.Equal([1, 2, 2], level.Stride));
        Assert.Equal([3, 3, 3], best.Plan.Kernel);
    }

    [Fact]
    public void Voxels_that_are_about_cubes_get_cubes()
    {
        var best = Ranked.Value[0];
        Assert.All(best.Plan.Levels, level => Assert.Equal([3, 3, 3], level.Kernel));
        Assert.Equal([2, 2, 2], best.Plan.Levels[0].Stride);
    }

    [Fact]
    public void Thin_structures_take_finer_voxels_only_where_images_have_them()
    {
        Assert.Equal([2.33, 1.46, 1.46], Planner(Knees).FullSpacing);
        // Half of the images are twice as fine, so the median is not as fine as a tenth of them.
        var fine = Data((48, 96, 96), (2.33, 0.73, 0.73));
        PlannedData mixed = new(
            Knees.Fingerprint with
            {
                Cases = [.. Knees.Fingerprint.Cases.Take(9), .. fine.Fingerprint.Cases.Take(5)],
            }
        );
        Assert.Equal([2.33, 0.73, 0.73], Planner(mixed).FullSpacing);
    }

    [Fact]
    public void Real_voxels_are_coarsened_no_further_than_three_across_a_thin_structure()
    {
        var spacings = Planner(
                Data((160, 384, 384), (0.7, 0.36, 0.36)),
                gigabytes: 12,
                minutes: 120
            )
            .Rank()
            .Select(one => one.Spacing)
            .DistinctBy(mm => mm[1])
            .ToArray();
        Assert.Equal(2, spacings.Length);
        Assert.All(spacings, mm => Assert.InRange(mm[1], 0.36, 2.0 / 3));
    }

    [Fact]
    public void Nothing_that_fits_names_the_nearest_and_what_it_needs()
    {
        var problem = Assert.Throws<ProblemException>(() => Planner(Knees, 0.21).Rank());
        Assert.Equal(ExitCode.Resources, problem.Exit);
        Assert.Contains("width 8", problem.What);
        Assert.Matches(@"--memory \d+M", problem.Fix);

        // What is said to be enough is enough.
        var enough = double.Parse(
            problem.Fix.Split("--memory ")[1].Split('M')[0],
            System.Globalization.CultureInfo.InvariantCulture
        );
        Assert.NotEmpty(Planner(Knees, enough / 1000, minutes: 600).Rank());

        problem = Assert.Throws<ProblemException>(() => Planner(Knees, minutes: 0.005).Rank());
        Assert.Contains("--time", problem.Fix);

        problem = Assert.Throws<ProblemException>(() => Planner(Knees, predict: 0.1).Rank());
        Assert.Contains("--for predict-memory", problem.Fix);
    }

    [Fact]
    public void A_limit_of_prediction_takes_smaller_networks_or_patches()
    {
        var limit = 0.95 * Ranked.Value[0].PredictMemory;
        var best = Planner(Knees, minutes: 600, predict: limit / GB).Rank()[0];
        Assert.InRange(best.PredictMemory, 0, (long)limit);
    }

    [Fact]
    public void Prices_are_found_again_in_times_made_of_them()
    {
        var steps = Ranked
            .Value.Where((_, i) => i % 40 == 0)
            .Take(16)
            .Select(one =>
            {
                var work = StepWork.Of(one.Graph, one.Patch, one.Batch, 2);
                return new MeasuredStep("", work, Time.Seconds(work));
            })
            .ToArray();
        var model = TimeModel.Fit(steps, 0.3);
        Assert.All(
            steps,
            step => Assert.InRange(model.Seconds(step.Work) / step.Seconds, 0.97, 1.03)
        );
        Assert.All(model.Prices, price => Assert.True(price >= 0));
    }

    [Fact]
    public void Errors_of_the_time_model_are_those_of_measurements_that_do_not_agree()
    {
        StepWork Work(double amount) => new([amount, 0, 0, 0, 0, 0, 0]);
        MeasuredStep[] steps =
        [
            .. Enumerable
                .Range(1, 20)
                .Select(i => new MeasuredStep("", Work(i), i * (i % 2 == 0 ? 1.2 : 0.8))),
        ];
        Assert.InRange(TimeModel.Fit(steps, 0.3).Error, 0.3, 0.5);
    }

    [Theory]
    [InlineData(1000, 0.1, 5)]
    [InlineData(1000, 0.1, 200)]
    [InlineData(30, 1, 100)]
    [InlineData(100_000, 0.2, 1)]
    public void A_schedule_keeps_to_its_time_and_validates_in_a_tenth_of_it(
        double seconds,
        double step,
        double validation
    )
    {
        var schedule = TrainingSchedule.Within(seconds, step, validation);
        Assert.InRange(schedule.Validations, 1, 10);
        var validating = schedule.Validations * validation;
        Assert.True(schedule.Validations == 1 || validating <= 0.1 * seconds);
        var training = schedule.Steps * step;
        Assert.True(schedule.Steps == 1 || training + validating <= seconds);
        Assert.True(schedule.Steps == 1 || training + validating >= 0.85 * seconds);
    }
}

using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using KneeSeg.Torch.Native;

namespace KneeSeg.Experiments.Planning;

/// <summary>Ranks the candidates for a dataset, without reading a file or a clock: the same facts give the same plan.</summary>
/// <param name="data">The data.</param>
/// <param name="limits">What training and predicting may take.</param>
/// <param name="time">Seconds of training steps on this machine.</param>
/// <param name="program">Bytes that the program takes beside the network.</param>
/// <param name="elementBytes">Bytes of a number in a feature map.</param>
internal sealed class Planner(
    PlannedData data,
    PlanLimits limits,
    TimeModel time,
    long program,
    int elementBytes
)
{
    /// <summary>The fewest steps that make sense.</summary>
    public const int LeastSteps = 200;

    // Batches that the loader makes ahead, makes, and has handed out.
    private const int LoadedBatches = 5;

    // What a run allocates between collections, as measured, beside what a tiny network leaves behind.
    private const long Garbage = 160L << 20;

    // Gradients and two moments, which stay while a run validates.
    private const int FurtherWeights = 3;

    // Below it, resampling changes too little to be worth it.
    private const double LeastCoarsening = 1.25;

    private static readonly int[] Widths = [8, 12, 16, 24, 32, 48];
    private static readonly int[] Batches = [1, 2, 4];
    private static readonly double[] Coverages = [0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

    private static readonly UNetBlock[] Blocks =
    [
        UNetBlock.Plain,
        UNetBlock.Residual,
        UNetBlock.Depthwise,
    ];

    /// <summary>The spacing that keeps what the data show.</summary>
    public double[] FullSpacing { get; } = Full(data);

    /// <summary>The candidates within the limits, the best first.</summary>
    /// <exception cref="ProblemException">There is none (exit 6).</exception>
    public IReadOnlyList<Candidate> Rank()
    {
        Candidate[] all = [.. All()];
        Candidate[] fitting =
        [
            .. all.Where(one =>
                    one.Memory <= limits.UsableMemory
                    && one.PredictMemory <= limits.UsablePredictMemory
                    && one.Schedule.Steps >= LeastSteps
                )
                .OrderBy(one => one.Expected.Total)
                .ThenBy(one => one.Memory),
        ];
        return fitting is [] ? throw NothingFits(all) : fitting;
    }

    private IEnumerable<Candidate> All()
    {
        HashSet<string> seen = [];
        foreach (var spacing in Spacings())
        foreach (var coverage in Coverages)
        {
            var volume = PlannedData.Voxels(data.MedianExtent, spacing);
            int[] about =
            [
                .. volume.Select(length => Math.Max(1, (int)Math.Round(coverage * length))),
            ];
            foreach (var kind in Kinds())
            {
                var steps = UNetFamily.Steps(kind, spacing, about);
                if (steps == 0)
                    continue;
                foreach (var width in Widths)
                {
                    var choice = kind with { Width = width };
                    var plan = UNetFamily.Plan(choice, spacing, about, steps);
                    var graph = Networks.Elaborate(
                        Networks.OfPlan(plan),
                        data.Channels,
                        data.Classes
                    );
                    var patch = UNetFamily.Fitted(graph, about, volume);
                    if (!seen.Add($"{graph.Hash} {string.Join('x', patch)}"))
                        continue;
                    if (!Takes(graph, patch))
                        continue;
                    var network = Predicting(choice, plan, graph, spacing, volume, patch);
                    foreach (var batch in Batches)
                        yield return Training(network, batch);
                }
            }
        }
    }

    /// <summary>What a candidate takes, with a step that was measured.</summary>
    public Candidate Measured(Candidate candidate, double stepSeconds) =>
        Training(candidate.Network, candidate.Batch, stepSeconds);

    private PlannedNetwork Predicting(
        UNetChoice choice,
        UNetPlan plan,
        Graph graph,
        double[] spacing,
        int[] volume,
        int[] patch
    )
    {
        PredictionEstimate Predicted(int[] lengths, long voxels) =>
            PredictionEstimate.Of(
                graph,
                ModelInput.Of(graph, patch),
                new ModelSize(lengths[0], lengths[1], lengths[2]),
                voxels,
                data.Channels,
                elementBytes
            );
        var largest = data.Largest;
        var extent = largest.Size.Lengths.Zip(
            (double[])[largest.Spacing.Depth, largest.Spacing.Height, largest.Spacing.Width],
            (length, mm) => length * mm
        );
        return new(
            choice,
            plan,
            graph,
            spacing,
            patch,
            [.. patch.Zip(volume, (a, b) => (double)a / b)],
            Networks.Cost(graph, patch).Parameters,
            Predicted(volume, volume.Aggregate(1L, (a, b) => a * b)),
            Predicted(PlannedData.Voxels([.. extent], spacing), largest.Size.Count)
        );
    }

    private Candidate Training(PlannedNetwork network, int batch, double? measured = null)
    {
        double Seconds(int patches) =>
            time.Seconds(StepWork.Of(network.Graph, network.Patch, patches, elementBytes));
        var step = measured ?? Seconds(batch);
        // What a step takes longer or shorter than estimated, windows do too.
        var window = time.WindowShare * Seconds(1) * step / Seconds(batch);
        var validation = data.ValidationCases * network.Usual.Windows * window;
        var schedule = TrainingSchedule.Within(limits.UsableSeconds, step, validation);
        var loaded =
            LoadedBatches
            * batch
            * network.Patch.Aggregate(1L, (a, b) => a * b)
            * (sizeof(float) * data.Channels + sizeof(byte));
        var training = Math.Max(
            LibtorchMemory.Peak(network.Graph, network.Patch, batch, elementBytes).Train,
            sizeof(float) * FurtherWeights * network.Parameters + network.Usual.WindowBytes
        );
        return new(
            network,
            batch,
            program + Garbage + loaded + training,
            program + Garbage + network.Largest.Bytes,
            step,
            validation,
            schedule,
            Expectation.Of(
                network.Choice,
                schedule.Steps,
                batch,
                network.Coverage,
                data.TrainingCases,
                Across(network.Spacing, network.Plan),
                network.Spacing.Zip(FullSpacing, (a, b) => 1 - b / a).Average()
            )
        );
    }

    /// <summary>Voxels across the thinnest structure along the axes that the first level halves; many where none is thin.</summary>
    private double Across(double[] spacing, UNetPlan plan) =>
        Enumerable
            .Range(0, 3)
            .Where(axis => plan.Levels[0].Stride[axis] > 1)
            .Min(axis => data.Thinnest[axis]?.Millimeters / spacing[axis])
        ?? 100;

    private static bool Takes(Graph graph, int[] patch)
    {
        try
        {
            Networks.CheckBatch(graph, patch, batch: 1);
            return true;
        }
        catch (SpecException)
        {
            return false;
        }
    }

    private static IEnumerable<UNetChoice> Kinds() =>
        from block in Blocks
        from isCoarse in new[] { false, true }
        select new UNetChoice(block, isCoarse, Widths[0]);

    // Of the data, and coarser where thin structures keep enough voxels.
    private IEnumerable<double[]> Spacings()
    {
        yield return FullSpacing;
        double[] coarse =
        [
            .. data.Thinnest.Zip(
                FullSpacing,
                (thin, mm) =>
                    thin is null
                        ? mm
                        : Math.Clamp(thin.Millimeters / Expectation.VoxelsAcross, mm, 2 * mm)
            ),
        ];
        if (coarse.Zip(FullSpacing, (a, b) => a / b).Max() >= LeastCoarsening)
            yield return coarse;
    }

    // The median, or finer where thin structures have too few voxels and a tenth of the images are finer.
    private static double[] Full(PlannedData data)
    {
        var (median, fine) = (data.MedianSpacing, data.FineSpacing);
        return
        [
            .. data.Thinnest.Select(
                (thin, axis) =>
                    thin is null
                        ? median[axis]
                        : Math.Min(
                            median[axis],
                            Math.Max(fine[axis], thin.Millimeters / Expectation.VoxelsAcross)
                        )
            ),
        ];
    }

    private ProblemException NothingFits(Candidate[] all)
    {
        if (all is [])
            return new(
                ExitCode.Resources,
                data.Fingerprint.Name,
                $"its images of {string.Join('x', PlannedData.Voxels(data.MedianExtent, FullSpacing))} voxels are too small for any network of the family",
                "Train a network of your own: kneeseg train my-network.fsx"
            );
        if (all.All(one => one.Memory > limits.UsableMemory))
            return Least(
                all.MinBy(one => one.Memory)!,
                "--memory",
                one => one.Memory,
                limits.Memory,
                "training"
            );
        var affordable = all.Where(one => one.Memory <= limits.UsableMemory).ToArray();
        if (affordable.All(one => one.PredictMemory > limits.UsablePredictMemory))
            return Least(
                affordable.MinBy(one => one.PredictMemory)!,
                "--for predict-memory",
                one => one.PredictMemory,
                limits.PredictMemory ?? 0,
                $"predicting {data.Largest.Id}, the largest image,"
            );
        var fastest = affordable.MinBy(one => one.StepSeconds)!;
        var seconds = LeastSteps * fastest.StepSeconds + fastest.ValidationSeconds;
        return new(
            ExitCode.Resources,
            $"--time {DurationText.Of(limits.Time)}",
            $"even {Named(fastest)} takes {DurationText.Of(TimeSpan.FromSeconds(seconds))} for {LeastSteps} steps",
            $"Allow --time {DurationText.Of(TimeSpan.FromSeconds(1.1 * seconds))} or more"
        );
    }

    private static ProblemException Least(
        Candidate nearest,
        string flag,
        Func<Candidate, long> bytes,
        long limit,
        string work
    ) =>
        new(
            ExitCode.Resources,
            $"{flag} {ByteSize.Of(limit)}",
            $"nothing fits: with {Named(nearest)}, {work} takes about {ByteSize.Of(bytes(nearest))}",
            $"Allow {flag} {Math.Ceiling(bytes(nearest) / 0.9 / 1e6)}M or more, or close other programs"
        );

    private static string Named(Candidate one) =>
        $"{Calibration.Words(one.Choice)}, on {one.Batch} patch{(one.Batch > 1 ? "es" : "")} of {one.PatchSize}";
}

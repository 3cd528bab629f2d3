using System.Diagnostics;
using System.Globalization;
using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Timing;
using static TorchSharp.torch;

namespace KneeSeg.Experiments.Planning;

/// <summary>What was measured on this machine.</summary>
/// <param name="Steps">The measured steps.</param>
/// <param name="Model">The prices fitted to them.</param>
/// <param name="Program">Bytes of memory that the program takes beside the network, its patches included.</param>
internal sealed record Calibration(IReadOnlyList<MeasuredStep> Steps, TimeModel Model, long Program)
{
    // Of measuring all; what would take longer is left out. A short training is not worth a long measurement.
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(25);
    private const int TrainingsOfMost = 20;

    // Before the first estimate.
    private const int Fewest = 3;

    // Few steps, but the median of three.
    private const int Timed = 3;

    // Networks in which different kinds of work prevail, the most telling first.
    private static readonly (
        UNetChoice Network,
        double[] Spacing,
        int[] Patch,
        int Batch
    )[] Members =
    [
        (new(UNetBlock.Plain, false, 8), [1, 1, 1], [16, 16, 16], 1),
        (new(UNetBlock.Plain, false, 16), [1, 1, 1], [32, 48, 48], 1),
        (new(UNetBlock.Depthwise, false, 16), [1, 1, 1], [24, 48, 48], 1),
        (new(UNetBlock.Plain, false, 64), [1, 1, 1], [16, 16, 16], 1),
        (new(UNetBlock.Plain, true, 16), [1, 1, 1], [48, 64, 64], 1),
        (new(UNetBlock.Plain, false, 32), [1, 1, 1], [24, 48, 48], 1),
        (new(UNetBlock.Residual, false, 16), [1, 1, 1], [24, 48, 48], 1),
        (new(UNetBlock.Plain, false, 16), [1, 1, 1], [64, 80, 80], 1),
        (new(UNetBlock.Plain, false, 16), [4, 1, 1], [16, 80, 80], 1),
        (new(UNetBlock.Residual, true, 16), [1, 1, 1], [32, 64, 64], 2),
        (new(UNetBlock.Depthwise, true, 32), [1, 1, 1], [32, 64, 64], 1),
    ];

    /// <summary>Measures in less than half a minute.</summary>
    /// <param name="recipe">What is trained with; its patch and batch size are those of the measured networks.</param>
    /// <param name="channels">Of the data.</param>
    /// <param name="classes">Of the data.</param>
    /// <param name="precision">The precision of feature maps.</param>
    /// <param name="training">How long training may take.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between steps.</param>
    public static Calibration Measure(
        Recipe recipe,
        int channels,
        int classes,
        Precision precision,
        TimeSpan training,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var most = training / TrainingsOfMost < Most ? training / TrainingsOfMost : Most;
        List<MeasuredStep> steps = [];
        List<double> windows = [];
        var (program, started) = (0L, Stopwatch.GetTimestamp());
        var elementBytes = Autocast.Width(precision, CPU);
        foreach (var (network, spacing, patch, batch) in Members)
        {
            progress.Report(new Progress("measuring this machine", steps.Count, Members.Length));
            var graph = Networks.Elaborate(
                Networks.OfPlan(
                    UNetFamily.Plan(
                        network,
                        spacing,
                        patch,
                        UNetFamily.Steps(network, spacing, patch)
                    )
                ),
                channels,
                classes
            );
            var work = StepWork.Of(graph, patch, batch, elementBytes);
            var passed = Stopwatch.GetElapsedTime(started);
            if (steps.Count >= Fewest && passed + Needed(steps, work) > most)
                continue;
            var time = StepTimer.Measure(
                graph,
                recipe with
                {
                    Patch = new PatchSize(patch[0], patch[1], patch[2]),
                    BatchSize = batch,
                },
                new ModelSpacing(spacing[0], spacing[1], spacing[2]),
                precision,
                Timed,
                cancel
            );
            steps.Add(
                new($"{Words(network)}, {batch} × {string.Join('x', patch)}", work, time.Step)
            );
            windows.Add(batch * time.Window / time.Step);
            // The first network is so small that this is the program itself.
            if (program == 0)
                program = Processor.ResidentMemory;
        }
        windows.Sort();
        return new(steps, TimeModel.Fit(steps, windows[windows.Count / 2]), program);
    }

    // Of all its steps and windows, by what is known so far.
    private static TimeSpan Needed(IReadOnlyList<MeasuredStep> steps, StepWork work) =>
        TimeSpan.FromSeconds((Timed + 2) * TimeModel.Fit(steps, 0).Seconds(work));

    /// <summary>A member in words.</summary>
    public static string Words(UNetChoice choice) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{choice.Block.ToString().ToLowerInvariant()} blocks, width {choice.Width}{(choice.IsCoarse ? ", from the second resolution" : "")}"
        );
}

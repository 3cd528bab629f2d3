using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Phantoms;
using KneeSeg.Dsl;
using KneeSeg.Evaluation;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Rendering;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Experiments;

/// <summary>
/// The end-to-end workflow on synthetic data: generate, train, predict, evaluate, report. Every step skips finished work, so
/// that a second call resumes.
/// </summary>
public static class Demo
{
    private const int Cases = 40;
    private static readonly ModelSize Size = new(48, 96, 96);

    // Learns most in a few minutes on two cores: one convolution on the finest level, and small batches.
    private static readonly NetworkSpec Network = Networks.OfPlan(
        UNetPlan.Create(
            "demo",
            UNetBlock.Plain,
            [Level(convolutions: 1, width: 16), Level(2, 32), Level(2, 64)],
            [3, 3, 3],
            width: 128,
            deepSupervision: false
        )
    );

    private static readonly Recipe Recipe = new()
    {
        Epochs = 14,
        StepsPerEpoch = 100,
        BatchSize = 1,
        Patch = new(32, 72, 72),
        ForegroundFraction = 0.8,
        // In so few steps strong augmentation hurts.
        Augmentation = AugmentationPreset.Light,
        ValidateEvery = 7,
    };

    /// <summary>Runs the demo.</summary>
    /// <param name="folder">
    /// Gets <c>knees/</c>, <c>run/</c>, <c>predictions/</c>, <c>evaluation.json</c>, <c>report.html</c> and
    /// <c>picture.png</c>.
    /// </param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Ends the work after the current step.</param>
    /// <returns>The evaluation on the test cases; null if interrupted.</returns>
    /// <exception cref="ProblemException">A file cannot be written, or a step fails.</exception>
    public static EvaluationSummary? Run(
        string folder,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        string At(string name) => Path.Combine(folder, name);

        progress.Say($"1/5  generating {Cases} cases of {Size} voxels");
        PhantomSet.Write(
            At("knees"),
            Cases,
            Size,
            progress: at =>
                progress.Report(new Progress("generating cases", at.Done, at.Total, at.Case)),
            cancel: cancel
        );

        progress.Say("2/5  training a small 3D U-Net");
        var request = new TrainingRequest(
            Network,
            At("knees"),
            At("run"),
            Recipe,
            Precision.Auto,
            CPU
        );
        if (!TrainingJob.Run(request, progress, cancel).Finished)
            return null;

        progress.Say("3/5  predicting the held-out test cases");
        using (var predictor = Predictor.Open(At("run"), Precision.Auto, CPU, progress))
            PredictionJob.Run(
                predictor,
                PredictionInput.Find([At("knees")]),
                At("predictions"),
                progress,
                cancel
            );

        if (cancel.IsCancellationRequested)
            return null;

        progress.Say("4/5  evaluating");
        var summary = EvaluationJob.Run(At("predictions"), At("knees"), folder, progress);

        progress.Say("5/5  writing the report");
        RunPage.Write(At("run"), folder, At("report.html"), progress);
        var cases = EvaluatedCase
            .Load(folder)
            .Take(4)
            .Select(one => one.Picture()!.Load())
            .ToArray();
        AtomicFile.Write(
            At("picture.png"),
            stream => stream.Write(Png.Encode(Montage.Draw(cases)))
        );
        return summary;
    }

    private static UNetLevel Level(int convolutions, int width) =>
        UNetLevel.Create(convolutions, convolutions, [3, 3, 3], width, [2, 2, 2]);
}

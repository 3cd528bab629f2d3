using KneeSeg.Data;
using KneeSeg.Evaluation;
using KneeSeg.Inference;
using KneeSeg.Rendering;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Experiments;

/// <summary>
/// The whole way on generated knees: data, training, prediction, evaluation, report. Every step skips what it finds
/// done, so a second call goes on where the first one stopped.
/// </summary>
public static class Demo
{
    private const int Knees = 40;
    private static readonly ModelSize Size = new(48, 96, 96);

    // What learns most in under four minutes on two cores: small patches see more knees than whole ones, and the
    // narrow network more of them than a wide one.
    private const string Network = "unet3d+tiny";

    private static readonly Recipe Recipe = new()
    {
        Epochs = 15,
        StepsPerEpoch = 40,
        BatchSize = 2,
        Patch = "32x64x64",
        ForegroundFraction = 0.8,
        // In so few steps a network learns more from knees as they are.
        Augmentation = "light",
        ValidateEvery = 5,
    };

    /// <summary>Runs the demo.</summary>
    /// <param name="folder">
    /// Gets <c>knees/</c>, <c>run/</c>, <c>predictions/</c>, <c>evaluation.json</c>, <c>report.html</c> and
    /// <c>picture.png</c>.
    /// </param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Ends after the step that is under way.</param>
    /// <returns>What was measured on the test knees; null when it was interrupted.</returns>
    /// <exception cref="ProblemException">A place can't be written, or any step's own problem.</exception>
    public static EvaluationSummary? Run(
        string folder,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        string At(string name) => Path.Combine(folder, name);

        progress.Say($"1/5  {Knees} generated knees of {Size} voxels");
        PhantomSet.Write(
            At("knees"),
            Knees,
            Size,
            progress: at =>
                progress.Report(new Progress("making knees", at.Done, at.Total, at.Case)),
            cancel: cancel
        );

        progress.Say($"2/5  training {Network}");
        var request = new TrainingRequest(
            Dsl.Networks.Parse(Network),
            At("knees"),
            At("run"),
            Recipe,
            Precision.Auto,
            CPU
        );
        if (!TrainingJob.Run(request, progress, cancel).Finished)
            return null;

        progress.Say("3/5  predicting the test knees, which it has never seen");
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

        progress.Say("4/5  measuring");
        var summary = EvaluationJob.Run(At("predictions"), At("knees"), folder, progress);

        progress.Say("5/5  writing the report");
        ReportJob.Write(At("run"), folder, At("report.html"), progress);
        var knees = EvaluatedCase
            .Load(folder)
            .Take(4)
            .Select(one => one.Picture()!.Load())
            .ToArray();
        AtomicFile.Write(
            At("picture.png"),
            stream => stream.Write(Png.Encode(Montage.Draw(knees)))
        );
        return summary;
    }
}

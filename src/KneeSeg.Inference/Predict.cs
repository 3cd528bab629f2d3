using KneeSeg.Data;
using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>Predicts many images into a folder. A second call does what is left.</summary>
public static class Predict
{
    /// <summary>Predicts images. One that can't be read is a problem of its own; the others go on.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="inputs">From <see cref="PredictionInput.Find"/>.</param>
    /// <param name="folder">Where <c>ID.nii.gz</c> go.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops between windows; what is finished stays.</param>
    /// <exception cref="ProblemException">
    /// A dataset's labels are not the network's, or the folder's are not (exit 5); a prediction would replace its image
    /// (exit 2); or the folder can't be written (exit 6).
    /// </exception>
    public static PredictionSummary Files(
        Predictor predictor,
        IReadOnlyList<PredictionInput> inputs,
        string folder,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        foreach (var input in inputs)
            CheckLabels(input, predictor);
        var predictions = PredictionFolder.Open(folder, predictor.Profile);
        foreach (var input in inputs)
            CheckPlace(input, predictions);
        var (predicted, skipped) = (0, 0);
        List<ProblemException> problems = [];
        for (var i = 0; i < inputs.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var steps = new CaseSteps(progress, inputs[i].Id, i, inputs.Count);
            steps.Report(0, 1);
            try
            {
                if (File(predictor, inputs[i], predictions, steps, cancel))
                    predicted++;
                else
                    skipped++;
            }
            catch (ProblemException e) when (e.Exit is ExitCode.Data or ExitCode.Numerics)
            {
                problems.Add(e);
            }
            steps.Report(1, 1);
        }
        return new(predicted, skipped, problems);
    }

    // Whether there was something to do.
    private static bool File(
        Predictor predictor,
        PredictionInput input,
        PredictionFolder predictions,
        CaseSteps steps,
        CancellationToken cancel
    )
    {
        var image = VolumeFile.ReadImage(input.Image, input.Spacing);
        if (predictions.Has(input.Id, predictor.Source, image.Grid))
            return false;
        var labels = predictor.Predict(image, steps.Report, cancel);
        predictions.Write(input.Id, predictor.Source, labels);
        return true;
    }

    private static void CheckLabels(PredictionInput input, Predictor predictor)
    {
        if (
            input.Profile is { } profile
            && !profile.SameOrder(predictor.Profile)
            && !predictor.Profile.SameOrder(LabelProfile.OneTissue)
        )
            throw new ProblemException(
                ExitCode.Checkpoint,
                input.Image,
                $"its dataset has the labels of {profile.Name}, the network those of {predictor.Profile.Name}",
                "Use a network that was trained on such labels, or name the image itself"
            );
    }

    private static void CheckPlace(PredictionInput input, PredictionFolder predictions)
    {
        if (Path.GetFullPath(input.Image) == Path.GetFullPath(predictions.FileOf(input.Id)))
            throw new ProblemException(
                ExitCode.Usage,
                input.Image,
                "its prediction would take its place",
                "Choose another --out"
            );
    }

    // Progress over all cases in hundredths of one: windows differ in number from case to case.
    private sealed class CaseSteps(IProgressSink progress, string id, int before, int all)
    {
        public void Report(int done, int windows) =>
            progress.Report(
                new Progress("predicting", 100L * before + 100L * done / windows, 100L * all, id)
            );
    }
}

using KneeSeg.Data;
using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>Predicts many images into a folder. A second call does what is left.</summary>
public static class PredictionJob
{
    /// <summary>Predicts labels alone, as <see cref="Run(Predictor, PredictionRequest, IProgressSink, CancellationToken)" /> does.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="inputs">From <see cref="PredictionInput.Find"/>.</param>
    /// <param name="folder">Where <c>ID.nii.gz</c> go.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops between windows; what is finished stays.</param>
    public static PredictionSummary Run(
        Predictor predictor,
        IReadOnlyList<PredictionInput> inputs,
        string folder,
        IProgressSink progress,
        CancellationToken cancel = default
    ) => Run(predictor, new PredictionRequest(inputs, folder), progress, cancel);

    /// <summary>
    /// Predicts images, after a line that says what it will take. One that can't be read is a problem of its own; the
    /// others go on.
    /// </summary>
    /// <param name="predictor">The network, or several.</param>
    /// <param name="request">What goes where.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops between windows; what is finished stays.</param>
    /// <exception cref="ProblemException">
    /// A dataset's labels are not the network's, or the folder's are not (exit 5); a prediction would replace its image,
    /// the prediction of another image, or a file of which nothing is known (exit 2); an image takes more memory than
    /// there is, or the folder can't be written (exit 6).
    /// </exception>
    public static PredictionSummary Run(
        Predictor predictor,
        PredictionRequest request,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        var source = predictor.Source with { Postprocessing = request.Postprocessing.Word };
        foreach (var input in request.Inputs)
            CheckLabels(input, predictor);
        var folder = PredictionFolder.Open(request.Folder, predictor.Profile);
        ColorTables.Write(request.Folder, predictor.Profile.Labels);
        CasePrediction[] cases =
        [
            .. request.Inputs.Select(input => new CasePrediction(
                predictor,
                request,
                source,
                folder,
                input
            )),
        ];
        var noted = folder.Cases();
        foreach (var one in cases)
            one.CheckPlace(noted.GetValueOrDefault(one.Input.Id));
        PredictionInput[] left =
        [
            .. cases
                .Where(one => !one.SeemsDone(noted.GetValueOrDefault(one.Input.Id)))
                .Select(one => one.Input),
        ];
        if (PredictionEstimate.Of(predictor, left, request.Output) is { } forecast)
            forecast.Say(progress);
        var (predicted, skipped) = (0, 0);
        List<ProblemException> problems = [];
        List<LabelChange> changes = [];
        for (var i = 0; i < cases.Length && !cancel.IsCancellationRequested; i++)
        {
            var steps = new CaseProgressSink(progress, cases[i].Input.Id, i, cases.Length);
            steps.Report(0, 1);
            try
            {
                if (cases[i].Run(steps.Report, steps.Warn, cancel) is { } done)
                {
                    predicted++;
                    changes.AddRange(done);
                }
                else
                    skipped++;
            }
            // Of usage where another process has taken the case's name meanwhile.
            catch (ProblemException e)
                when (e.Exit is ExitCode.Data or ExitCode.Numerics or ExitCode.Usage)
            {
                problems.Add(e);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            steps.Report(1, 1);
        }
        return new(predicted, skipped, problems, changes);
    }

    private static void CheckLabels(PredictionInput input, Predictor predictor)
    {
        if (
            input.Profile is { } profile
            && !profile.SameOrder(predictor.Profile)
            && !predictor.Profile.SameOrder(LabelSchema.Binary)
        )
            throw new ProblemException(
                ExitCode.Checkpoint,
                input.Image,
                $"its dataset has the labels of {profile.Name}, the network those of {predictor.Profile.Name}",
                "Use a network that was trained on such labels, or name the image itself"
            );
    }

    // Progress over all cases in hundredths of one: windows differ in number from case to case.
    private sealed class CaseProgressSink(IProgressSink progress, string id, int before, int all)
    {
        public void Warn(string line) => progress.Say($"{id}: {line}");

        public void Report(int done, int windows) =>
            progress.Report(
                new Progress("predicting", 100L * before + 100L * done / windows, 100L * all, id)
            );
    }
}

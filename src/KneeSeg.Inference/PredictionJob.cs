using KneeSeg.Data.Datasets;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Inference;

/// <summary>Predicts many images into a folder. Running it again resumes.</summary>
public static class PredictionJob
{
    /// <summary>Predicts labels alone, as <see cref="Run(Predictor, PredictionRequest, IProgressSink, CancellationToken)" /> does.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="inputs">From <see cref="PredictionInput.Find"/>.</param>
    /// <param name="folder">The target folder of <c>ID.nii.gz</c>.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between windows; finished predictions are kept.</param>
    public static PredictionSummary Run(
        Predictor predictor,
        IReadOnlyList<PredictionInput> inputs,
        string folder,
        IProgressSink progress,
        CancellationToken cancel = default
    ) => Run(predictor, new PredictionRequest(inputs, folder), progress, cancel);

    /// <summary>
    /// Predicts images, after printing an estimate. An unreadable image is reported and the others are predicted.
    /// </summary>
    /// <param name="predictor">The network, or several.</param>
    /// <param name="request">The images and outputs.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between windows; finished predictions are kept.</param>
    /// <exception cref="ProblemException">
    /// The labels of dataset or folder are not the network's (exit 5); a prediction would overwrite its image, another image's
    /// prediction, or an unknown file (exit 2); an image needs more memory than is available, or the folder can't be written
    /// (exit 6).
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
            one.CheckFiles(noted.GetValueOrDefault(one.Input.Id));
        PredictionInput[] remaining =
        [
            .. cases
                .Where(one => !one.SeemsDone(noted.GetValueOrDefault(one.Input.Id)))
                .Select(one => one.Input),
        ];
        if (PredictionEstimate.Of(predictor, remaining, request.Output) is { } estimate)
            estimate.Report(progress);
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
            // Usage: another process has meanwhile taken the case's name.
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
                $"its dataset has the labels of {profile.Name}, but the network has those of {predictor.Profile.Name}",
                "Use a network trained on these labels, or pass the image itself"
            );
    }

    // Progress in hundredths of a case, since the number of windows differs between cases.
    private sealed class CaseProgressSink(IProgressSink progress, string id, int before, int all)
    {
        public void Warn(string line) => progress.Say($"{id}: {line}");

        public void Report(int done, int windows) =>
            progress.Report(
                new Progress("predicting", 100L * before + 100L * done / windows, 100L * all, id)
            );
    }
}

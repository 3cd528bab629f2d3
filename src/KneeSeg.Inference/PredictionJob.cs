using KneeSeg.Data.Datasets;
using KneeSeg.Data.Validation;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Inference.Quality;

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
        var cases = Cases(predictor, request, progress);
        var folder = PredictionFolder.Open(request.Folder, predictor.Profile);
        ColorTables.Write(request.Folder, predictor.Profile.Labels);
        var noted = folder.Cases();
        foreach (var one in cases)
            one.Files.Check(noted.GetValueOrDefault(one.Input.Id));
        if (request.Output.Format == OutputFormat.DicomSegmentation)
            NameUncoded(predictor.Profile, progress);
        Plan(
            predictor,
            [.. cases.Where(one => !one.Files.SeemDone(noted.GetValueOrDefault(one.Input.Id)))],
            progress
        );
        var (predicted, skipped) = (0, 0);
        List<ProblemException> problems = [];
        List<LabelChange> changes = [];
        List<FlaggedCase> flagged = [];
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
                flagged.Add(new(cases[i].Input.Id, cases[i].Files.Noted()?.Flags ?? []));
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
        return new(predicted, skipped, problems, changes)
        {
            Flagged = FlaggedCase.WorstFirst(flagged),
        };
    }

    /// <summary>What a request will take, before anything is predicted or written.</summary>
    /// <param name="predictor">The network, or several.</param>
    /// <param name="request">The images and outputs.</param>
    /// <exception cref="ProblemException">As <see cref="Run(Predictor, PredictionRequest, IProgressSink, CancellationToken)" /> throws, before it predicts.</exception>
    public static PredictionForecast Forecast(Predictor predictor, PredictionRequest request)
    {
        var cases = Cases(predictor, request, SilentProgress.Instance);
        var noted = PredictionFolder.Look(request.Folder, predictor.Profile).Cases();
        return new(
            [.. cases.Select(one => one.Input.Id)],
            cases
                .Where(one => !one.Files.SeemDone(noted.GetValueOrDefault(one.Input.Id)))
                .Select(one => one.Input.Id)
                .ToHashSet(),
            cases
                .Select(one => one.Input.ReadGrid() is { } grid ? one.PlanFor(grid).Bytes : 0)
                .DefaultIfEmpty()
                .Max()
        );
    }

    private static CasePrediction[] Cases(
        Predictor predictor,
        PredictionRequest request,
        IProgressSink progress
    )
    {
        var folder = PredictionFolder.Look(request.Folder, predictor.Profile);
        var source = predictor.Source with { Postprocessing = request.Postprocessing.Word };
        request = request with
        {
            Inputs =
            [
                .. request.Inputs.Select(input =>
                    ChannelMatch.Of(input, predictor.Channels, progress.Say)
                ),
            ],
        };
        foreach (var input in request.Inputs)
            CheckLabels(input, predictor);
        var named = predictor.Named(request.Output);
        return
        [
            .. request.Inputs.Select(input => new CasePrediction(
                predictor,
                request,
                input,
                new PredictionFiles(folder, input, source, request.Output, named)
            )),
        ];
    }

    private static void CheckLabels(PredictionInput input, Predictor predictor)
    {
        if (
            input.Profile is { } profile
            && !profile.Shares(predictor.Profile)
            && !predictor.Profile.SameOrder(LabelSchema.Binary)
        )
            throw new ProblemException(
                ExitCode.Checkpoint,
                input.Image,
                $"its dataset has the labels of {profile.Name}, and the network has none of these structures",
                "Use a network trained on these labels, or pass the image itself"
            );
    }

    private static void NameUncoded(LabelSchema profile, IProgressSink progress)
    {
        string[] uncoded = [.. profile.Labels.Skip(1).Where(name => !StructureCodes.Has(name))];
        if (uncoded is not [])
            progress.Say(
                $"no SNOMED CT code is known for {string.Join(", ", uncoded)}; coded as tissue, under this name"
            );
    }

    // Plans every image whose header can be read, and prints what they will take.
    private static void Plan(
        Predictor predictor,
        IReadOnlyList<CasePrediction> cases,
        IProgressSink progress
    )
    {
        var grids = cases.Select(one => one.Input.ReadGrid()).ToArray();
        if (!grids.Any(grid => grid is not null))
            return;
        var pace = predictor.SecondsPerVoxel();
        var used = Environment.WorkingSet;
        foreach (var (one, grid) in cases.Zip(grids))
            if (grid is not null)
                predictor.CheckMemory(one.PlanFor(grid));
        progress.Say(
            PredictionPlan.Estimate(
                predictor.Source.Network,
                [.. cases.Select(one => one.Plan).OfType<PredictionPlan>()],
                pace,
                used
            )
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

/// <summary>The result of a prediction job.</summary>
/// <param name="Predicted">The number of new predictions.</param>
/// <param name="Skipped">The number of existing predictions that were kept.</param>
/// <param name="Problems">One for each failed image.</param>
/// <param name="Changes">Changes by post-processing in new predictions.</param>
public sealed record PredictionSummary(
    int Predicted,
    int Skipped,
    IReadOnlyList<ProblemException> Problems,
    IReadOnlyList<LabelChange> Changes
)
{
    /// <summary>Cases with flags, the worst first, also of existing predictions.</summary>
    public IReadOnlyList<FlaggedCase> Flagged { get; init; } = [];

    /// <summary>The command's exit code.</summary>
    public ExitCode Exit => Problems.Count == 0 ? ExitCode.Done : ExitCode.Data;
}

/// <summary>What a prediction job will take.</summary>
/// <param name="Cases">The cases, in their order.</param>
/// <param name="Left">Those that are not predicted yet.</param>
/// <param name="Bytes">The peak memory of the largest image, in bytes beyond the weights.</param>
public sealed record PredictionForecast(
    IReadOnlyList<string> Cases,
    IReadOnlySet<string> Left,
    long Bytes
);

/// <summary>The prediction of one image: read, preprocess, run, decide, write.</summary>
internal sealed class CasePrediction(
    Predictor predictor,
    PredictionRequest request,
    PredictionInput input,
    PredictionFiles files
)
{
    /// <summary>The image.</summary>
    public PredictionInput Input => input;

    /// <summary>Its files in the folder.</summary>
    public PredictionFiles Files => files;

    /// <summary>How it is predicted; null before it is planned.</summary>
    public PredictionPlan? Plan { get; private set; }

    /// <summary>Its plan, made once for each grid.</summary>
    public PredictionPlan PlanFor(Grid grid) =>
        Plan?.Image == grid ? Plan : Plan = predictor.Plan(grid, request.Output);

    /// <summary>Predicts the image unless already done.</summary>
    /// <param name="progress">Receives the number of windows done and in total.</param>
    /// <param name="warn">Receives warnings about the image or its labels.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <returns>The changes by post-processing; null if the prediction existed already.</returns>
    public IReadOnlyList<LabelChange>? Run(
        Action<int, int> progress,
        Action<string> warn,
        CancellationToken cancel
    )
    {
        if (Plan is not { } plan)
            return PredictUnlessDone(progress, warn, cancel);
        // The garbage collector does not see libtorch's memory. With this hint it frees the previous image in time.
        GC.AddMemoryPressure(plan.Bytes);
        try
        {
            return PredictUnlessDone(progress, warn, cancel);
        }
        finally
        {
            GC.RemoveMemoryPressure(plan.Bytes);
        }
    }

    private IReadOnlyList<LabelChange>? PredictUnlessDone(
        Action<int, int> progress,
        Action<string> warn,
        CancellationToken cancel
    )
    {
        List<string> warnings = [];
        var channels = input.Read(warnings.Add);
        var image = channels[0];
        var own = InputImage.Of(input, channels);
        var noted = files.Noted();
        files.Check(noted, () => own.Hash);
        if (files.AreDone(noted, own, image.Grid))
        {
            files.RecordPath(noted!, own);
            return null;
        }
        if (noted?.Image is { } known && known.Path == own.Path && known.Hash != own.Hash)
            warn("the image has changed since it was predicted; predicting it again");
        warnings.ForEach(warn);
        List<QualityFlag> flags = [];
        // Flags of the whole image are printed at once, those of its labels at the end.
        void Flag(QualityFlag flag)
        {
            flags.Add(flag);
            warnings.Add(flag.What);
            warn(flag.What);
        }
        foreach (var (path, channel) in input.Images.Zip(channels))
            PredictionInput.CheckContent(path, channel, Flag);
        var prediction = predictor.Predict(channels, PlanFor(image.Grid), progress, cancel, Flag);
        var changes = request.Postprocessing.Apply(
            prediction.Labels,
            predictor.Profile,
            input.Side
        );
        if (!prediction.Labels.Voxels.AsSpan().ContainsAnyExcept((byte)0))
            Flag(
                new(
                    "nothing-found",
                    FlagSeverity.Severe,
                    "no structure was found; all labels are background",
                    "Check that the image shows a knee, in the contrast of the training images"
                )
            );
        else
            flags.AddRange(LabelFlags(prediction, changes));
        files.Keep(image, own, prediction, changes, warnings, flags);
        return changes;
    }

    private IEnumerable<QualityFlag> LabelFlags(
        Prediction prediction,
        IReadOnlyList<LabelChange> changes
    )
    {
        var (labels, profile) = (prediction.Labels, predictor.Profile);
        return predictor
            .Structures.SelectMany(known =>
                StructureRules.Flags(
                    known,
                    StructureMeasures.Of(
                        labels,
                        (byte)profile.Labels.ToList().IndexOf(known.Label),
                        known.Label
                    )
                )
            )
            .Concat(SideRules.Flags(labels, changes, profile, input.Side))
            .Concat(Confidence.Flags(prediction.ExpectedDice, profile.Labels));
    }
}

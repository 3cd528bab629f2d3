using KneeSeg.Data;
using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>One image that is to be predicted into a folder.</summary>
internal sealed class CasePrediction(
    Predictor predictor,
    PredictionRequest request,
    PredictionSource source,
    PredictionFolder folder,
    PredictionInput input
)
{
    private readonly PredictionFiles files = new(
        request.Folder,
        input.Id,
        request.Output.Format.EndingFor(input.Image),
        request.Output,
        predictor.Profile
    );

    /// <summary>The image.</summary>
    public PredictionInput Input => input;

    /// <summary>Refuses, before any work, a place that its prediction must not take.</summary>
    /// <param name="noted">What the folder says of the case.</param>
    /// <exception cref="ProblemException">It is that of its own image, of another image, or of an unknown file (exit 2).</exception>
    public void CheckPlace(PredictedCase? noted)
    {
        if (input.FullPath == Path.GetFullPath(files.At(files.Name)))
            throw new ProblemException(
                ExitCode.Usage,
                input.Image,
                "its prediction would take its place",
                "Choose another --out"
            );
        try
        {
            CheckPlace(
                noted,
                () => VolumeHash.Of(VolumeFile.ReadImage(input.Image, input.Spacing))
            );
        }
        // What can't be read is a problem when its turn comes.
        catch (ProblemException e) when (e.Exit == ExitCode.Data) { }
    }

    /// <summary>Whether it seems to be done, without reading the image.</summary>
    public bool SeemsDone(PredictedCase? noted) =>
        noted?.Image?.Path == input.FullPath && Holds(noted, noted?.Image?.Hash);

    /// <summary>Predicts, unless that is done.</summary>
    /// <param name="progress">Receives how many windows are done, of how many.</param>
    /// <param name="warn">Receives what is doubtful about the image or its labels.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <returns>What post-processing did; null where nothing was left to do.</returns>
    public IReadOnlyList<LabelChange>? Run(
        Action<int, int> progress,
        Action<string> warn,
        CancellationToken cancel
    )
    {
        List<string> warnings = [];
        var image = VolumeFile.ReadImage(input.Image, input.Spacing, warnings.Add);
        var own = InputImage.Of(input, image);
        var noted = folder.Cases().GetValueOrDefault(input.Id);
        CheckPlace(noted, () => own.Hash);
        if (Holds(noted, own.Hash) && files.AreWhole(image.Grid))
        {
            NotePlace(noted!, own);
            return null;
        }
        if (noted?.Image is { } known && known.Path == own.Path && known.Hash != own.Hash)
            warn("the image changed since it was predicted, so it is predicted again");
        warnings.ForEach(warn);
        void Warn(string sentence)
        {
            warnings.Add(sentence);
            warn(sentence);
        }
        CheckImage(image, Warn);
        var wanted = new RequestedOutputs(request.Output.Probabilities, request.Output.Uncertainty);
        var prediction = predictor.Predict(image, wanted, progress, cancel, Warn);
        var changes = request.Postprocessing.Apply(prediction.Labels, predictor.Profile);
        if (!prediction.Labels.Voxels.AsSpan().ContainsAnyExcept((byte)0))
            Warn("no structure was found: all labels are background");
        Keep(own, image, prediction, new(source, files.Name, changes) { Warnings = warnings });
        return changes;
    }

    // Where the image was moved, whatever lies at its old place from now on is another one.
    private void NotePlace(PredictedCase noted, InputImage own)
    {
        if (noted.Image != own)
            folder.Note(
                input.Id,
                now =>
                    now is null || now.Image?.Hash == own.Hash
                        ? (now ?? noted) with
                        {
                            Image = own,
                        }
                        : now
            );
    }

    // Noted before and after: whatever is cut off between, the files are known to be of this image and not to be whole.
    private void Keep(
        InputImage own,
        Volume<float> image,
        Prediction prediction,
        PredictedCase made
    )
    {
        made = made with { Image = own, RoiMargin = request.Output.RoiMargin };
        IReadOnlyList<string> kept = [];
        var begun = folder.Note(
            input.Id,
            now =>
            {
                CheckPlace(now, () => own.Hash);
                // Files of another format or kind stay as long as they say the same.
                var same =
                    now is { Complete: true }
                    && now.Source == source
                    && now.Image?.Hash == own.Hash;
                kept = [.. files.Names.Union(same ? now!.Files : [])];
                if (same)
                    made = made with { RoiMargin = made.RoiMargin ?? now!.RoiMargin };
                return made with { Files = [.. kept.Union(now?.Files ?? [])], Complete = false };
            }
        );
        files.Write(image, prediction);
        files.Remove(begun.Files.Except(kept));
        folder.Note(input.Id, _ => made with { Files = kept });
    }

    private bool Holds(PredictedCase? noted, string? hash) =>
        noted is { Complete: true }
        && noted.Source == source
        && noted.Image?.Hash == hash
        && files.Names.All(noted.Files.Contains)
        && (request.Output.RoiMargin is not { } margin || noted.RoiMargin == margin);

    // Nothing of another image is overwritten, nor what nothing is known of.
    private void CheckPlace(PredictedCase? noted, Func<string> hash)
    {
        var isTaken = noted is not null && (!noted.Complete || noted.Files.Any(IsThere));
        if (
            isTaken
            && noted?.Image is { } other
            && other.Path != input.FullPath
            && other.Hash != hash()
        )
            throw new ProblemException(
                ExitCode.Usage,
                files.At(noted.File),
                $"it is the prediction of {other.Path}, and {input.Image} is another image of the same name",
                "Choose another --out, or rename one of the images"
            );
        if (files.Names.Except(noted?.Files ?? []).FirstOrDefault(IsThere) is { } unknown)
            throw new ProblemException(
                ExitCode.Usage,
                files.At(unknown),
                $"it is there already, and nothing says that it was predicted from {input.Image}",
                "Choose another --out, or move the file away"
            );
    }

    private bool IsThere(string name) => File.Exists(files.At(name));

    // What is no image gets no labels that look as if it were one.
    private void CheckImage(Volume<float> image, Action<string> warn)
    {
        var seen = ImageFacts.Of(image);
        if (seen.IsFlat)
            throw new ProblemException(
                ExitCode.Data,
                input.Image,
                seen.NonFinite == image.Voxels.Length
                    ? "none of its voxels is finite"
                    : $"all its voxels are {seen.Low}",
                "Give an image that shows something"
            );
        if (seen.LooksLikeLabels)
            throw new ProblemException(
                ExitCode.Data,
                input.Image,
                $"it has whole values from {seen.Low} to {seen.High} only, as labels do",
                "Give the image, not its labels"
            );
        if (seen.NonFinite > 0)
            warn($"{seen.NonFinite:N0} voxels are not finite and count as the darkest");
        foreach (var doubt in GridRules.Doubts(image.Grid))
            warn(doubt.What);
    }
}

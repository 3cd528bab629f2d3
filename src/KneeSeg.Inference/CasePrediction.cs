using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Inference;

/// <summary>The prediction of one image into a folder.</summary>
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

    /// <summary>Refuses, before any work, to overwrite unrelated files.</summary>
    /// <param name="noted">The folder's record of the case.</param>
    /// <exception cref="ProblemException">A file belongs to its own image, to another image, or is unknown (exit 2).</exception>
    public void CheckFiles(PredictedCase? noted)
    {
        if (input.FullPath == Path.GetFullPath(files.At(files.Name)))
            throw new ProblemException(
                ExitCode.Usage,
                input.Image,
                "its prediction would overwrite it",
                "Choose another --out"
            );
        try
        {
            CheckFiles(
                noted,
                () => VolumeHash.Of(VolumeFile.ReadImage(input.Image, input.Spacing))
            );
        }
        // Unreadable images are reported when they are predicted.
        catch (ProblemException e) when (e.Exit == ExitCode.Data) { }
    }

    /// <summary>Whether it is done, as far as known without reading the image.</summary>
    public bool SeemsDone(PredictedCase? noted) =>
        noted?.Image?.Path == input.FullPath && Holds(noted, noted?.Image?.Hash);

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
        List<string> warnings = [];
        var image = VolumeFile.ReadImage(input.Image, input.Spacing, warnings.Add);
        var own = InputImage.Of(input, image);
        var noted = folder.Cases().GetValueOrDefault(input.Id);
        CheckFiles(noted, () => own.Hash);
        if (Holds(noted, own.Hash) && files.AreValid(image.Grid))
        {
            RecordPath(noted!, own);
            return null;
        }
        if (noted?.Image is { } known && known.Path == own.Path && known.Hash != own.Hash)
            warn("the image has changed since it was predicted; predicting it again");
        warnings.ForEach(warn);
        void Warn(string warning)
        {
            warnings.Add(warning);
            warn(warning);
        }
        CheckImage(image, Warn);
        var requested = new RequestedOutputs(
            request.Output.Probabilities,
            request.Output.Uncertainty
        );
        var prediction = predictor.Predict(image, requested, progress, cancel, Warn);
        var changes = request.Postprocessing.Apply(prediction.Labels, predictor.Profile);
        if (!prediction.Labels.Voxels.AsSpan().ContainsAnyExcept((byte)0))
            Warn("no structure was found; all labels are background");
        Keep(own, image, prediction, new(source, files.Name, changes) { Warnings = warnings });
        return changes;
    }

    // The image was moved, so the folder's record takes its new path.
    private void RecordPath(PredictedCase noted, InputImage own)
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

    // Recorded before and after: after an interruption the files are known to be incomplete and of this image.
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
                CheckFiles(now, () => own.Hash);
                // Files of other formats or kinds stay valid for the same source and image.
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

    // Never overwrites files of other images or of unknown origin.
    private void CheckFiles(PredictedCase? noted, Func<string> hash)
    {
        var isTaken = noted is not null && (!noted.Complete || noted.Files.Any(Exists));
        if (
            isTaken
            && noted?.Image is { } other
            && other.Path != input.FullPath
            && other.Hash != hash()
        )
            throw new ProblemException(
                ExitCode.Usage,
                files.At(noted.File),
                $"it is the prediction of {other.Path}, another image with the same name as {input.Image}",
                "Choose another --out, or rename one of the images"
            );
        if (files.Names.Except(noted?.Files ?? []).FirstOrDefault(Exists) is { } unknown)
            throw new ProblemException(
                ExitCode.Usage,
                files.At(unknown),
                $"it already exists and is not known to be a prediction of {input.Image}",
                "Choose another --out, or move the file away"
            );
    }

    private bool Exists(string name) => File.Exists(files.At(name));

    // Refuses inputs without content, whose labels would be meaningless.
    private void CheckImage(Volume<float> image, Action<string> warn)
    {
        var seen = ImageStatistics.Of(image);
        if (seen.IsFlat)
            throw new ProblemException(
                ExitCode.Data,
                input.Image,
                seen.NonFinite == image.Voxels.Length
                    ? "none of its voxels is finite"
                    : $"all its voxels are {seen.Low}",
                "Pass an image with content"
            );
        if (seen.LooksLikeLabels)
            throw new ProblemException(
                ExitCode.Data,
                input.Image,
                $"it contains only whole numbers from {seen.Low} to {seen.High}, like a label volume",
                "Pass the image, not its labels"
            );
        if (seen.NonFinite > 0)
            warn(
                $"{seen.NonFinite:N0} voxels are not finite; replacing them by the minimum intensity"
            );
        foreach (var warning in GridRules.Warnings(image.Grid))
            warn(warning.What);
    }
}

using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>One image that is to be predicted into a folder.</summary>
internal sealed class CaseWork(
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

    /// <summary>Refuses a prediction in the place of its own image.</summary>
    public void CheckPlace()
    {
        if (Path.GetFullPath(input.Image) == Path.GetFullPath(files.Labels))
            throw new ProblemException(
                ExitCode.Usage,
                input.Image,
                "its prediction would take its place",
                "Choose another --out"
            );
    }

    /// <summary>Predicts, unless that is done.</summary>
    /// <param name="progress">Hears how many windows are done, of how many.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <returns>What post-processing did; null where nothing was left to do.</returns>
    public IReadOnlyList<Change>? Run(Action<int, int> progress, CancellationToken cancel)
    {
        if (
            folder.Lists(input.Id, source)
            && files.AreWhole(VolumeFile.ReadGrid(input.Image, input.Spacing))
        )
            return null;
        var image = VolumeFile.ReadImage(input.Image, input.Spacing);
        CheckImage(image);
        var wanted = new Wanted(request.Output.Probabilities, request.Output.Uncertainty);
        var prediction = predictor.Predict(image, wanted, progress, cancel);
        var changes = request.Postprocessing.Apply(prediction.Labels, predictor.Profile);
        files.Write(image, prediction);
        folder.Note(input.Id, new(source, files.Name, changes));
        return changes;
    }

    // An image that shows nothing gets no labels that look as if it did.
    private void CheckImage(Volume<float> image)
    {
        var first = Array.Find(image.Voxels, float.IsFinite);
        if (Array.TrueForAll(image.Voxels, value => value == first || !float.IsFinite(value)))
            throw new ProblemException(
                ExitCode.Data,
                input.Image,
                $"all its voxels are {first}",
                "Give an image that shows something"
            );
    }
}

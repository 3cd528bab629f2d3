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
    // No scan has so few shades.
    private const int MostLabels = 16;

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
    /// <param name="warn">Hears what is doubtful about the image.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <returns>What post-processing did; null where nothing was left to do.</returns>
    public IReadOnlyList<Change>? Run(
        Action<int, int> progress,
        Action<string> warn,
        CancellationToken cancel
    )
    {
        if (
            folder.Lists(input.Id, source)
            && files.AreWhole(VolumeFile.ReadGrid(input.Image, input.Spacing))
        )
            return null;
        var image = VolumeFile.ReadImage(input.Image, input.Spacing, warn);
        CheckImage(image, warn);
        var wanted = new Wanted(request.Output.Probabilities, request.Output.Uncertainty);
        var prediction = predictor.Predict(image, wanted, progress, cancel);
        var changes = request.Postprocessing.Apply(prediction.Labels, predictor.Profile);
        files.Write(image, prediction);
        folder.Note(input.Id, new(source, files.Name, changes));
        return changes;
    }

    // What is no image gets no labels that look as if it were one.
    private void CheckImage(Volume<float> image, Action<string> warn)
    {
        var values = new HashSet<float>();
        var notFinite = 0L;
        foreach (var value in image.Voxels)
            if (!float.IsFinite(value))
                notFinite++;
            else if (values.Count <= MostLabels)
                values.Add(value);
        if (values.Count <= 1)
            throw new ProblemException(
                ExitCode.Data,
                input.Image,
                values.Count == 0
                    ? "none of its voxels is finite"
                    : $"all its voxels are {values.First()}",
                "Give an image that shows something"
            );
        if (values.Count <= MostLabels && values.All(float.IsInteger))
            throw new ProblemException(
                ExitCode.Data,
                input.Image,
                $"it holds nothing but {values.Count} whole numbers, as labels do",
                "Give the image, not its labels"
            );
        if (notFinite > 0)
            warn($"{notFinite:N0} voxels are not finite and count as the darkest");
    }
}

using System.Collections.ObjectModel;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Inference.Files;

/// <summary>A request to predict images into a folder.</summary>
/// <param name="Inputs">From <see cref="PredictionInput.Find" />.</param>
/// <param name="Folder">The target folder.</param>
/// <param name="Output">The requested outputs.</param>
/// <param name="Postprocessing">The post-processing of labels.</param>
public sealed record PredictionRequest(
    IReadOnlyList<PredictionInput> Inputs,
    string Folder,
    PredictionOutput Output,
    Postprocessing Postprocessing
)
{
    /// <summary>Labels only, without post-processing.</summary>
    public PredictionRequest(IReadOnlyList<PredictionInput> inputs, string folder)
        : this(inputs, folder, new(), Postprocessing.None) { }
}

/// <summary>An image to predict, or one for each channel.</summary>
/// <param name="Id">The case id, which names its prediction.</param>
/// <param name="Image">The path of the image, or of the first channel's.</param>
/// <param name="Spacing">The spacing for formats that store none; else null.</param>
/// <param name="Profile">Its dataset's label map; null without a dataset.</param>
public sealed record PredictionInput(
    string Id,
    string Image,
    ModelSpacing? Spacing,
    LabelSchema? Profile
)
{
    /// <summary>The names of the channels; empty where they are unknown.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>The images of further channels.</summary>
    public IReadOnlyList<string> OtherImages { get; init; } = [];

    /// <summary>The images of all channels.</summary>
    public IReadOnlyList<string> Images => [Image, .. OtherImages];

    /// <summary>Which knee it shows, where its dataset says so.</summary>
    public KneeSide Side { get; init; }

    /// <summary>The full path of its file or folder.</summary>
    internal string FullPath => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Image));

    /// <summary>Maps such as T2 that are measured within the labels: their paths by name.</summary>
    public IReadOnlyDictionary<string, string> Maps { get; init; } =
        ReadOnlyDictionary<string, string>.Empty;

    /// <summary>A case of a dataset.</summary>
    public static PredictionInput Of(DatasetCase one, Dataset dataset) =>
        new(one.Id, one.Image, one.Spacing, dataset.Profile)
        {
            Channels = dataset.Channels,
            Side = one.Side,
            OtherImages = one.OtherImages,
            Maps = one.Maps,
        };

    /// <summary>
    /// Resolves paths on the command line: an image; the images of several channels, <c>echo1=FILE,echo2=FILE</c>; a dataset,
    /// for its test split; or a folder with images.
    /// </summary>
    /// <param name="paths">As given.</param>
    /// <param name="channels">
    /// The channels of the network. With several, files <c>ID_0000</c> and <c>ID_0001</c> of a folder are of one case.
    /// </param>
    /// <exception cref="ProblemException">
    /// A path does not exist or has nothing to predict (exit 3); two predictions would have the same name (exit 2).
    /// </exception>
    public static IReadOnlyList<PredictionInput> Find(
        IEnumerable<string> paths,
        IReadOnlyList<string>? channels = null
    )
    {
        PredictionInput[] found =
        [
            .. paths
                .SelectMany(path => Of(path, channels ?? []))
                .DistinctBy(input => (input.Id, input.FullPath)),
        ];
        var twice = found.GroupBy(input => input.Id).FirstOrDefault(same => same.Count() > 1);
        return twice is null
            ? found
            : throw new ProblemException(
                ExitCode.Usage,
                string.Join(" and ", twice.Select(input => input.Image)),
                $"they have the same name; both predictions would be {twice.Key}",
                "Predict them into different folders, or rename one of them"
            );
    }

    /// <summary>An image with the maps that are given for it.</summary>
    /// <param name="inputs">From <see cref="Find" />.</param>
    /// <param name="maps">Paths by name; may be empty.</param>
    /// <exception cref="ProblemException">There are maps, and several images (exit 2).</exception>
    public static IReadOnlyList<PredictionInput> WithMaps(
        IReadOnlyList<PredictionInput> inputs,
        IReadOnlyDictionary<string, string> maps
    ) =>
        maps.Count == 0 ? inputs
        : inputs is [var one] ? [one with { Maps = maps }]
        : throw new ProblemException(
            ExitCode.Usage,
            "--map",
            $"there are {inputs.Count} images, and a map is of one",
            "Predict one image, or list \"maps\" for each case in dataset.json"
        );

    /// <summary>The image's grid; null if its header can't be read, which is reported when it is predicted.</summary>
    internal Grid? ReadGrid()
    {
        try
        {
            return VolumeFile.ReadGrid(Image, Spacing);
        }
        catch (ProblemException e) when (e.Exit == ExitCode.Data)
        {
            return null;
        }
    }

    /// <summary>Refuses an image without content, whose labels would be meaningless.</summary>
    /// <param name="path">The image of one channel.</param>
    /// <param name="image">The same, read.</param>
    /// <param name="warn">Receives warnings about it.</param>
    /// <exception cref="ProblemException">All voxels are equal or not finite, or it is a label volume (exit 3).</exception>
    internal static void CheckContent(string path, Volume<float> image, Action<string> warn)
    {
        var seen = ImageStatistics.Of(image);
        if (seen.IsFlat)
            throw new ProblemException(
                ExitCode.Data,
                path,
                seen.NonFinite == image.Voxels.Length
                    ? "none of its voxels is finite"
                    : $"all its voxels are {seen.Low}",
                "Pass an image with content"
            );
        if (seen.LooksLikeLabels)
            throw new ProblemException(
                ExitCode.Data,
                path,
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

    /// <summary>The voxels of all channels.</summary>
    /// <exception cref="ProblemException">One can't be read, or lies elsewhere (exit 3).</exception>
    internal IReadOnlyList<Volume<float>> Read(Action<string>? warn = null) =>
        ChannelImages.Read(Images, Spacing, warn);

    private static IReadOnlyList<PredictionInput> Of(string path, IReadOnlyList<string> channels)
    {
        if (ChannelFiles.Parse(path) is { } named)
            return [named];
        if (DatasetFolder.HasManifest(path))
            return TestSplit(path);
        if (!Directory.Exists(path))
            return VolumeFile.Exists(path)
                ? [Single(path)]
                : throw Nothing(path, "no such file or folder");
        if (VolumeFile.IsFolder(path))
            return [Single(path)];
        PredictionInput[] images =
        [
            .. Directory
                .EnumerateFiles(path)
                .Where(VolumeFile.MayHoldImage)
                .Order(StringComparer.Ordinal)
                .Select(Single),
        ];
        if (channels.Count > 1)
            images = ChannelFiles.Grouped(path, images);
        // The challenge's archive has its images in a folder for each split.
        return images is not [] ? images
            : VolumeFile.StudyProblem(path) is { } study ? throw study
            : DatasetFolder.Exists(path) ? TestSplit(path)
            : throw Nothing(path, "it contains neither an image nor a dataset");
    }

    private static PredictionInput Single(string path) => new(CaseId.Of(path), path, null, null);

    private static PredictionInput[] TestSplit(string path)
    {
        var dataset = DatasetFolder.Open(path);
        PredictionInput[] test = [.. dataset.In(Split.Test).Select(one => Of(one, dataset))];
        return test is [] ? throw Nothing(path, "it has no test cases") : test;
    }

    private static ProblemException Nothing(string path, string what) =>
        new(
            ExitCode.Data,
            path,
            what,
            "Pass an image, a folder with images or with the slices of a DICOM series, or a dataset with a test split"
        );
}

/// <summary>Additional outputs of a prediction, and the file format.</summary>
/// <param name="Format">The format of every volume.</param>
/// <param name="Probabilities">Whether to write a probability volume per structure, 0 to 1.</param>
/// <param name="Uncertainty">
/// Whether to write an uncertainty volume: the normalized entropy of the probabilities, 0 to 1.
/// </param>
/// <param name="RoiMargin">
/// The margin in mm of an ROI around the foreground, cropped from image and labels as numpy arrays; null for none.
/// </param>
public sealed record PredictionOutput(
    OutputFormat Format = OutputFormat.Nifti,
    bool Probabilities = false,
    bool Uncertainty = false,
    double? RoiMargin = null
)
{
    /// <summary>Names of network outputs to write.</summary>
    public IReadOnlyList<string> Named { get; init; } = [];
}

/// <summary>The format of predicted volumes.</summary>
public enum OutputFormat
{
    /// <summary>NIfTI, gzipped: <c>.nii.gz</c>.</summary>
    Nifti,

    /// <summary>MetaImage in one file: <c>.mha</c>.</summary>
    MetaImage,

    /// <summary>An array without a grid: <c>.npy</c>.</summary>
    Numpy,

    /// <summary>The image's own format, or NIfTI if it can't be written (DICOM, IWOAI).</summary>
    Same,

    /// <summary>A DICOM Segmentation object, <c>.dcm</c>, for images that are DICOM series; maps beside it are NIfTI.</summary>
    DicomSegmentation,
}

/// <summary>File extensions of formats.</summary>
internal static class OutputFormats
{
    /// <summary>The extension of the volumes of an image's prediction.</summary>
    public static string EndingFor(this OutputFormat format, string image) =>
        (format, VolumeFile.FormatOf(image)) switch
        {
            (OutputFormat.MetaImage, _) or (OutputFormat.Same, ".mha" or ".mhd") => ".mha",
            (OutputFormat.Numpy, _) or (OutputFormat.Same, ".npy") => ".npy",
            (OutputFormat.Same, ".nii") => ".nii",
            _ => ".nii.gz",
        };
}

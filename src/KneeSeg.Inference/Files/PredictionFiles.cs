using System.Globalization;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats.Dicom;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Runs;

namespace KneeSeg.Inference.Files;

/// <summary>The files of one image in a folder of predictions, with the folder's record of them.</summary>
/// <param name="folder">The folder.</param>
/// <param name="input">The image.</param>
/// <param name="source">How it is predicted.</param>
/// <param name="output">The requested outputs.</param>
/// <param name="named">The named outputs among them.</param>
internal sealed class PredictionFiles(
    PredictionFolder folder,
    PredictionInput input,
    PredictionSource source,
    PredictionOutput output,
    IReadOnlyList<PredictedOutput> named
)
{
    private readonly string ending = output.Format.EndingFor(input.Image);

    private bool IsSegmentation => output.Format == OutputFormat.DicomSegmentation;

    private string Name => input.Id + (IsSegmentation ? VolumeFile.SegmentationEnding : ending);

    private string Report => $"{Name}.json";

    private string Uncertainty => Path.Combine("uncertainty", input.Id + ending);

    private string RoiImage => Path.Combine("roi", $"{input.Id}-image.npy");

    private string RoiLabels => Path.Combine("roi", $"{input.Id}-labels.npy");

    private IEnumerable<string> Probabilities =>
        folder
            .Profile.Labels.Skip(1)
            .Select(label => Path.Combine("probabilities", $"{input.Id}-{Dashed(label)}{ending}"));

    private IEnumerable<string> Maps =>
        from one in named
        where !one.IsVector
        from part in one.Parts
        select Path.Combine(
            "outputs",
            $"{Stem(one)}{(part is "" ? "" : $"-{Dashed(part)}")}{ending}"
        );

    private IEnumerable<string> Vectors => named.Where(one => one.IsVector).Select(Numbers);

    private IReadOnlyList<string> Names =>
        [
            Name,
            .. IsSegmentation ? [Report] : Array.Empty<string>(),
            .. output.Probabilities ? Probabilities : [],
            .. output.Uncertainty ? [Uncertainty] : Array.Empty<string>(),
            .. Maps,
            .. Vectors,
            .. output.RoiMargin is null ? Array.Empty<string>() : [RoiImage, RoiLabels],
        ];

    /// <summary>The folder's current record of the case; null if there is none.</summary>
    public PredictedCase? Noted() => folder.Cases().GetValueOrDefault(input.Id);

    /// <summary>Refuses, before any work, to overwrite unrelated files.</summary>
    /// <param name="noted">The folder's record of the case.</param>
    /// <exception cref="ProblemException">A file belongs to its own image, to another image, or is unknown (exit 2).</exception>
    public void Check(PredictedCase? noted)
    {
        if (IsSegmentation)
            DicomSegmentation.CheckSource(input.Image);
        if (input.FullPath == Path.GetFullPath(At(Name)))
            throw new ProblemException(
                ExitCode.Usage,
                input.Image,
                "its prediction would overwrite it",
                "Choose another --out"
            );
        try
        {
            Check(noted, () => VolumeHash.Of(input.Read()));
        }
        // Unreadable images are reported when they are predicted.
        catch (ProblemException e) when (e.Exit == ExitCode.Data) { }
    }

    /// <summary>Refuses to overwrite files of other images or of unknown origin.</summary>
    /// <param name="noted">The folder's record of the case.</param>
    /// <param name="hash">The hash of the image.</param>
    /// <exception cref="ProblemException">There are such files (exit 2).</exception>
    public void Check(PredictedCase? noted, Func<string> hash)
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
                At(noted.File),
                $"it is the prediction of {other.Path}, another image with the same name as {input.Image}",
                "Choose another --out, or rename one of the images"
            );
        if (Names.Except(noted?.Files ?? []).FirstOrDefault(Exists) is { } unknown)
            throw new ProblemException(
                ExitCode.Usage,
                At(unknown),
                $"it already exists and is not known to be a prediction of {input.Image}",
                "Choose another --out, or move the file away"
            );
    }

    /// <summary>Whether they are done, as far as known without reading the image.</summary>
    public bool SeemDone(PredictedCase? noted) =>
        noted?.Image?.Path == input.FullPath && AreRecorded(noted, noted?.Image?.Hash);

    /// <summary>Whether they are recorded for this image, exist and are intact, with the labels on its grid.</summary>
    public bool AreDone(PredictedCase? noted, InputImage image, Grid grid)
    {
        try
        {
            return AreRecorded(noted, image.Hash)
                && Names.All(Exists)
                && IsOn(grid, VolumeFile.ReadLabels(At(Name)).Grid)
                && Names
                    .Skip(1)
                    .Except([.. Vectors, Report])
                    .All(name => VolumeFile.ReadImage(At(name)).Voxels.Length > 0);
        }
        catch (ProblemException corrupt) when (corrupt.Exit == ExitCode.Data)
        {
            return false;
        }
    }

    /// <summary>Records the new path of an image that was moved after its prediction.</summary>
    public void RecordPath(PredictedCase noted, InputImage image)
    {
        if (noted.Image != image)
            folder.Note(
                input.Id,
                now =>
                    now is null || now.Image?.Hash == image.Hash
                        ? (now ?? noted) with
                        {
                            Image = image,
                        }
                        : now
            );
    }

    /// <summary>
    /// Writes them all. They are recorded before and after: after an interruption the files are known to be incomplete and of
    /// this image.
    /// </summary>
    /// <param name="image">The image, of which the ROI is cropped.</param>
    /// <param name="own">Which one it is.</param>
    /// <param name="prediction">Its prediction.</param>
    /// <param name="changes">Changes by post-processing.</param>
    /// <param name="warnings">Warnings about the image or its labels.</param>
    /// <param name="flags">Reasons to look at them.</param>
    /// <exception cref="ProblemException">
    /// The folder can't be written (exit 6), or another process has taken the case's name (exit 2).
    /// </exception>
    public void Keep(
        Volume<float> image,
        InputImage own,
        Prediction prediction,
        IReadOnlyList<LabelChange> changes,
        IReadOnlyList<string> warnings,
        IReadOnlyList<QualityFlag> flags
    )
    {
        PredictedCase made = new(source, Name, changes)
        {
            Image = own,
            RoiMargin = output.RoiMargin,
            Warnings = warnings,
            Flags = flags is [] ? null : flags,
        };
        IReadOnlyList<string> kept = [];
        var begun = folder.Note(
            input.Id,
            now =>
            {
                Check(now, () => own.Hash);
                // Files of other formats or kinds stay valid for the same source and image.
                var same =
                    now is { Complete: true }
                    && now.Source == source
                    && now.Image?.Hash == own.Hash;
                kept = [.. Names.Union(same ? now!.Files : [])];
                if (same)
                    made = made with { RoiMargin = made.RoiMargin ?? now!.RoiMargin };
                return made with { Files = [.. kept.Union(now?.Files ?? [])], Complete = false };
            }
        );
        Write(image, prediction, warnings);
        Remove(begun.Files.Except(kept));
        folder.Note(input.Id, _ => made with { Files = kept });
    }

    private bool AreRecorded(PredictedCase? noted, string? hash) =>
        noted is { Complete: true }
        && noted.Source == source
        && noted.Image?.Hash == hash
        && Names.All(noted.Files.Contains)
        && (output.RoiMargin is not { } margin || noted.RoiMargin == margin);

    // The labels last.
    private void Write(Volume<float> image, Prediction prediction, IReadOnlyList<string> warnings)
    {
        // One buffer for all classes, since they are large.
        var buffer = prediction.Probabilities is [] ? [] : new float[image.Voxels.Length];
        foreach (var (name, parts) in Probabilities.Zip(prediction.Probabilities))
        {
            for (var i = 0; i < buffer.Length; i++)
                buffer[i] = parts.Voxels[i] / (float)ushort.MaxValue;
            VolumeFile.Write(At(name), new Volume<float>(parts.Grid, buffer));
        }
        if (prediction.Uncertainty is { } uncertainty)
            VolumeFile.Write(At(Uncertainty), uncertainty);
        foreach (var (name, map) in Maps.Zip(prediction.Maps))
            VolumeFile.Write(At(name), map);
        var at = 0;
        foreach (var one in named.Where(one => one.IsVector))
            AtomicFile.WriteText(
                At(Numbers(one)),
                "label,probability\r\n"
                    + string.Concat(one.Parts.Select(part => Line(part, prediction.Numbers[at++])))
            );
        if (output.RoiMargin is { } margin)
        {
            var box = Roi.Box(prediction.Labels, margin);
            VolumeFile.Write(At(RoiImage), Roi.Crop(image, box));
            VolumeFile.Write(At(RoiLabels), Roi.Crop(prediction.Labels, box));
        }
        if (IsSegmentation)
            WriteSegmentation(prediction.Labels, warnings);
        else
            VolumeFile.Write(At(Name), prediction.Labels);
    }

    private void WriteSegmentation(Volume<byte> labels, IReadOnlyList<string> warnings)
    {
        var segments = StructureCodes.Segments(folder.Profile, labels);
        SegmentationAlgorithm algorithm = new(
            "KneeSeg",
            RunManifest.ThisVersion,
            source.Network,
            source.Checkpoint
        );
        var made = DicomSegmentation.Of(input.Image, labels, segments, algorithm);
        new SegmentationReport(
            1,
            Name,
            made.Instance,
            made.Series,
            made.Source,
            algorithm,
            source,
            [.. segments.Select(segment => SegmentReport.Of(segment, labels))],
            warnings
        ).Write(At(Report));
        made.Write(At(Name));
    }

    private static string Line(string part, float probability) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(part is "" ? "any" : part)},{probability:0.######}\r\n"
        );

    private static string Dashed(string name) => name.Replace(' ', '-');

    private string Stem(PredictedOutput one) => $"{input.Id}-{Dashed(one.Output.Name)}";

    private string Numbers(PredictedOutput one) => Path.Combine("outputs", $"{Stem(one)}.csv");

    // They belong to an earlier prediction.
    private void Remove(IEnumerable<string> names)
    {
        foreach (var path in names.Select(At))
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (WriteError.Matches(e))
            {
                throw WriteError.Problem(path, e, "Delete it: it belongs to an earlier prediction");
            }
    }

    private string At(string name) => Path.Combine(folder.Root, name);

    private bool Exists(string name) => File.Exists(At(name));

    // .npy stores no grid, so only sizes are compared.
    private bool IsOn(Grid expected, Grid actual) =>
        ending == ".npy" ? actual.Size == expected.Size : actual.SameAs(expected);
}

/// <summary>The prediction for an image, on its own grid.</summary>
/// <param name="Labels">The most probable class of each voxel.</param>
/// <param name="Probabilities">
/// Of each foreground class, quantized to 16 bits to save memory; empty unless requested.
/// </param>
/// <param name="Uncertainty">
/// The normalized entropy of a voxel's probabilities: 0 if one class is certain, 1 if all are equal; null unless requested.
/// </param>
/// <param name="Maps">The maps of named outputs, all parts of each.</param>
/// <param name="Numbers">The numbers of named outputs that are vectors, likewise.</param>
internal sealed record Prediction(
    Volume<byte> Labels,
    IReadOnlyList<Volume<ushort>> Probabilities,
    Volume<float>? Uncertainty,
    IReadOnlyList<Volume<float>> Maps,
    IReadOnlyList<float> Numbers
)
{
    /// <summary>By label, the Dice that the probabilities imply; empty where they are not calibrated.</summary>
    public IReadOnlyList<double?> ExpectedDice { get; init; } = [];
}

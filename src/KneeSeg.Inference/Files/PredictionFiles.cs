using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Inference.Files;

/// <summary>The files of one case in a folder of predictions.</summary>
/// <param name="folder">The folder.</param>
/// <param name="id">The case.</param>
/// <param name="ending">The extension of every volume, such as <c>.nii.gz</c>.</param>
/// <param name="output">The requested outputs.</param>
/// <param name="profile">The label map.</param>
internal sealed class PredictionFiles(
    string folder,
    string id,
    string ending,
    PredictionOutput output,
    LabelSchema profile
)
{
    /// <summary>The name of the label file.</summary>
    public string Name => id + ending;

    /// <summary>The names of all files.</summary>
    public IReadOnlyList<string> Names =>
        [
            Name,
            .. output.Probabilities ? Probabilities : [],
            .. output.Uncertainty ? [Uncertainty] : Array.Empty<string>(),
            .. output.RoiMargin is null ? Array.Empty<string>() : [RoiImage, RoiLabels],
        ];

    /// <summary>The path of a file.</summary>
    public string At(string name) => Path.Combine(folder, name);

    private string Uncertainty => Path.Combine("uncertainty", id + ending);

    private string RoiImage => Path.Combine("roi", $"{id}-image.npy");

    private string RoiLabels => Path.Combine("roi", $"{id}-labels.npy");

    private IEnumerable<string> Probabilities =>
        profile
            .Labels.Skip(1)
            .Select(label => label.Replace(' ', '-'))
            .Select(label => Path.Combine("probabilities", $"{id}-{label}{ending}"));

    /// <summary>Whether all files exist and are intact, with the labels on this grid.</summary>
    public bool AreValid(Grid grid)
    {
        try
        {
            return Names.All(name => File.Exists(At(name)))
                && IsOn(grid, VolumeFile.ReadLabels(At(Name)).Grid)
                && Names.Skip(1).All(name => VolumeFile.ReadImage(At(name)).Voxels.Length > 0);
        }
        catch (ProblemException corrupt) when (corrupt.Exit == ExitCode.Data)
        {
            return false;
        }
    }

    /// <summary>Writes all of them, the labels last.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Write(Volume<float> image, Prediction prediction)
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
        if (output.RoiMargin is { } margin)
        {
            var box = Roi.Box(prediction.Labels, margin);
            VolumeFile.Write(At(RoiImage), Roi.Crop(image, box));
            VolumeFile.Write(At(RoiLabels), Roi.Crop(prediction.Labels, box));
        }
        VolumeFile.Write(At(Name), prediction.Labels);
    }

    /// <summary>Deletes files that no longer belong to the case.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Remove(IEnumerable<string> names)
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

    // .npy stores no grid, so only sizes are compared.
    private bool IsOn(Grid expected, Grid actual) =>
        ending == ".npy" ? actual.Size == expected.Size : actual.SameAs(expected);
}

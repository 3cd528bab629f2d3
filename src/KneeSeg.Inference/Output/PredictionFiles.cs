using KneeSeg.Data;
using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>The files of one case in a folder of predictions.</summary>
/// <param name="folder">The folder.</param>
/// <param name="id">The case.</param>
/// <param name="ending">Of every volume, such as <c>.nii.gz</c>.</param>
/// <param name="output">What is written.</param>
/// <param name="profile">What labels mean.</param>
internal sealed class PredictionFiles(
    string folder,
    string id,
    string ending,
    PredictionOutput output,
    LabelProfile profile
)
{
    /// <summary>The labels' file, as it is called in the folder.</summary>
    public string Name => id + ending;

    /// <summary>The labels' path.</summary>
    public string Labels => Path.Combine(folder, Name);

    private string Uncertainty => Path.Combine(folder, "uncertainty", id + ending);

    private string RoiImage => Path.Combine(folder, "roi", $"{id}-image.npy");

    private string RoiLabels => Path.Combine(folder, "roi", $"{id}-labels.npy");

    private IEnumerable<string> Probabilities =>
        profile
            .Labels.Skip(1)
            .Select(label => label.Replace(' ', '-'))
            .Select(label => Path.Combine(folder, "probabilities", $"{id}-{label}{ending}"));

    /// <summary>Whether all of them are there, whole, the labels on this grid.</summary>
    public bool AreWhole(Grid grid)
    {
        try
        {
            return File.Exists(Labels)
                && IsOn(grid, VolumeFile.ReadLabels(Labels).Grid)
                && Besides().All(path => File.Exists(path) && IsReadable(path));
        }
        catch (ProblemException torn) when (torn.Exit == ExitCode.Data)
        {
            return false;
        }
    }

    /// <summary>Writes all of them, the labels last.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Write(Volume<float> image, Prediction prediction)
    {
        // One array for all of them: they are large.
        var shares = prediction.Probabilities is [] ? [] : new float[image.Voxels.Length];
        foreach (var (path, parts) in Probabilities.Zip(prediction.Probabilities))
        {
            for (var i = 0; i < shares.Length; i++)
                shares[i] = parts.Voxels[i] / (float)ushort.MaxValue;
            VolumeFile.Write(path, new Volume<float>(parts.Grid, shares));
        }
        if (prediction.Uncertainty is { } uncertainty)
            VolumeFile.Write(Uncertainty, uncertainty);
        if (output.RoiMargin is { } margin)
        {
            var box = Roi.Box(prediction.Labels, margin);
            VolumeFile.Write(RoiImage, Roi.Cut(image, box));
            VolumeFile.Write(RoiLabels, Roi.Cut(prediction.Labels, box));
        }
        VolumeFile.Write(Labels, prediction.Labels);
    }

    // An array knows no grid, so its size must do.
    private bool IsOn(Grid wanted, Grid there) =>
        ending == ".npy" ? there.Size == wanted.Size : there.SameAs(wanted);

    private IEnumerable<string> Besides() =>
        [
            .. output.Probabilities ? Probabilities : [],
            .. output.Uncertainty ? [Uncertainty] : Array.Empty<string>(),
            .. output.RoiMargin is null ? Array.Empty<string>() : [RoiImage, RoiLabels],
        ];

    private static bool IsReadable(string path) => VolumeFile.ReadImage(path).Voxels.Length > 0;
}

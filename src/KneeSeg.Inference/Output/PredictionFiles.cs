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
    LabelSchema profile
)
{
    /// <summary>The labels' file, as it is called in the folder.</summary>
    public string Name => id + ending;

    /// <summary>All files, as they are called in the folder.</summary>
    public IReadOnlyList<string> Names =>
        [
            Name,
            .. output.Probabilities ? Probabilities : [],
            .. output.Uncertainty ? [Uncertainty] : Array.Empty<string>(),
            .. output.RoiMargin is null ? Array.Empty<string>() : [RoiImage, RoiLabels],
        ];

    /// <summary>Where a file of a name is.</summary>
    public string At(string name) => Path.Combine(folder, name);

    private string Uncertainty => Path.Combine("uncertainty", id + ending);

    private string RoiImage => Path.Combine("roi", $"{id}-image.npy");

    private string RoiLabels => Path.Combine("roi", $"{id}-labels.npy");

    private IEnumerable<string> Probabilities =>
        profile
            .Labels.Skip(1)
            .Select(label => label.Replace(' ', '-'))
            .Select(label => Path.Combine("probabilities", $"{id}-{label}{ending}"));

    /// <summary>Whether all of them are there, whole, the labels on this grid.</summary>
    public bool AreWhole(Grid grid)
    {
        try
        {
            return Names.All(name => File.Exists(At(name)))
                && IsOn(grid, VolumeFile.ReadLabels(At(Name)).Grid)
                && Names.Skip(1).All(name => VolumeFile.ReadImage(At(name)).Voxels.Length > 0);
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
        foreach (var (name, parts) in Probabilities.Zip(prediction.Probabilities))
        {
            for (var i = 0; i < shares.Length; i++)
                shares[i] = parts.Voxels[i] / (float)ushort.MaxValue;
            VolumeFile.Write(At(name), new Volume<float>(parts.Grid, shares));
        }
        if (prediction.Uncertainty is { } uncertainty)
            VolumeFile.Write(At(Uncertainty), uncertainty);
        if (output.RoiMargin is { } margin)
        {
            var box = Roi.Box(prediction.Labels, margin);
            VolumeFile.Write(At(RoiImage), Roi.Cut(image, box));
            VolumeFile.Write(At(RoiLabels), Roi.Cut(prediction.Labels, box));
        }
        VolumeFile.Write(At(Name), prediction.Labels);
    }

    /// <summary>Removes files that are of the case no more.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Remove(IEnumerable<string> names)
    {
        foreach (var path in names.Select(At))
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (WriteError.Says(e))
            {
                throw WriteError.Problem(path, e, "Delete it: it is of an earlier prediction");
            }
    }

    // An array knows no grid, so its size must do.
    private bool IsOn(Grid wanted, Grid there) =>
        ending == ".npy" ? there.Size == wanted.Size : there.SameAs(wanted);
}

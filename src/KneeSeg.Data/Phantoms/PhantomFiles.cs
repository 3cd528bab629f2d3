using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Data.Phantoms;

/// <summary>One phantom on disk.</summary>
/// <param name="DataCase">Where its files are.</param>
/// <param name="Scan">Of which knee.</param>
/// <param name="Size">How many voxels.</param>
/// <param name="Format">Of the files.</param>
/// <param name="Contrasts">Of its images, by channel.</param>
/// <param name="Profile">The structures that are labeled, by value.</param>
internal sealed record PhantomFiles(
    DatasetCase DataCase,
    PhantomScan Scan,
    ModelSize Size,
    VolumeFormat Format,
    IReadOnlyList<PhantomContrast> Contrasts,
    LabelSchema Profile
)
{
    // By the value of a phantom; 0 for structures that are not labeled.
    private readonly byte[] values =
    [
        .. LabelSchema
            .Find("iwoai")!
            .Labels.Select(name => (byte)Math.Max(0, Profile.Labels.ToList().IndexOf(name))),
    ];

    // The challenge's images are tiny floats; a power of two loses no digit.
    private const float IwoaiScale = 1f / 32768;

    /// <summary>Whether the files exist, are intact, and match this phantom.</summary>
    public bool AreValid()
    {
        try
        {
            var labels = Orientation.ToModel(DataCase.ReadLabels(Profile));
            var images = DataCase.ReadImages();
            var image = Orientation.ModelGrid(images[0].Grid);
            // One slice of labels distinguishes seeds and versions at a fraction of the cost; a change may be anywhere.
            var (first, count) = Scan.IsFirst ? (Size.Depth / 2, 1) : (0, Size.Depth);
            return ModelSize.Of(image) == Size
                && image.SameAs(labels.Grid)
                && Enumerable.Range(first, count).All(slice => IsDrawn(labels, slice));
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    /// <summary>Draws the knee and writes it.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Write()
    {
        foreach (var (path, contrast) in DataCase.Images.Zip(Contrasts))
        {
            var knee = Phantom.Create(Scan, Size, contrast);
            WriteImage(path, knee.Image);
            if (path == DataCase.Image)
                WriteLabels(knee.Labels with { Voxels = Labeled(knee.Labels.Voxels) });
        }
    }

    private bool IsDrawn(Volume<byte> labels, int slice)
    {
        var count = Size.Height * Size.Width;
        return labels
            .Voxels.AsSpan(slice * count, count)
            .SequenceEqual(Labeled(Phantom.LabelSlice(Scan, Size, slice)));
    }

    private void WriteImage(string path, Volume<short> image)
    {
        if (Format != VolumeFormat.Iwoai)
            VolumeFile.Write(path, image);
        else
            IwoaiFile.WriteImage(
                path,
                new Volume<float>(
                    image.Grid,
                    Array.ConvertAll(image.Voxels, value => value * IwoaiScale)
                )
            );
    }

    private void WriteLabels(Volume<byte> labels)
    {
        if (Format != VolumeFormat.Iwoai)
            VolumeFile.Write(DataCase.LabelsPath, labels);
        else
            IwoaiFile.WriteLabels(DataCase.LabelsPath, labels, Profile.Classes);
    }

    private byte[] Labeled(byte[] labels) => Array.ConvertAll(labels, label => values[label]);
}

/// <summary>The file format of phantoms.</summary>
public enum VolumeFormat
{
    /// <summary><c>.nii.gz</c>.</summary>
    Nifti,

    /// <summary><c>.mha</c>.</summary>
    MetaImage,

    /// <summary><c>.im</c> and <c>.seg</c> of the IWOAI challenge, which store no spacing.</summary>
    Iwoai,
}

using System.Text.RegularExpressions;

namespace KneeSeg.Imaging;

/// <summary>
/// What pairs an image with its labels and its prediction: the name of its file without the ending of its format and
/// without nnU-Net's channel, or the name of its DICOM folder. <c>knee_0000.nii.gz</c>, <c>knee.nii</c> and
/// <c>knee.mha</c> are of one case. Dots inside a name stay: <c>1.2.840.113619.2</c> is one id.
/// </summary>
public static partial class CaseId
{
    /// <summary>What ends the names of images in nnU-Net's folders; labels have none. A second channel is another image, and keeps its name.</summary>
    public const string Channel = "_0000";

    // A slice, which stands for its series.
    private const string DicomEnding = ".dcm";

    /// <summary>The id of a volume.</summary>
    /// <param name="path">A file or folder, which need not exist; <c>FOLDER#echo=2</c> chooses one volume of a folder.</param>
    public static string Of(string path)
    {
        var choice = Choice().Match(path);
        var place = choice.Success ? path[..choice.Index] : path;
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(place)));
        if (!Directory.Exists(place))
            name = WithoutEnding(name);
        return OfName(name) + Separator().Replace(choice.Value, "-");
    }

    /// <summary>The id that a name without an ending stands for.</summary>
    public static string OfName(string name) =>
        name.Length > Channel.Length && name.EndsWith(Channel, StringComparison.Ordinal)
            ? name[..^Channel.Length]
            : name;

    private static string WithoutEnding(string name)
    {
        var ending =
            VolumeFile.FormatOf(name)
            ?? (name.EndsWith(DicomEnding, StringComparison.OrdinalIgnoreCase) ? DicomEnding : "");
        return ending.Length < name.Length ? name[..^ending.Length] : name;
    }

    [GeneratedRegex("#[a-z]+=[^#/,=]+(,[a-z]+=[^#/,=]+)*$")]
    private static partial Regex Choice();

    [GeneratedRegex("[#,=]")]
    private static partial Regex Separator();
}

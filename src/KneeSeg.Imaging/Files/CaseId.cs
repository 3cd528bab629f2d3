using System.Text.RegularExpressions;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Imaging.Files;

/// <summary>
/// The id that pairs an image with its labels and its prediction: its file name without the format's extension and
/// nnU-Net's channel, or the name of its DICOM folder. <c>knee_0000.nii.gz</c>, <c>knee.nii</c> and
/// <c>knee.mha</c> are of one case. Dots inside a name stay: <c>1.2.840.113619.2</c> is one id.
/// </summary>
public static partial class CaseId
{
    /// <summary>The channel suffix of images in nnU-Net's folders; labels have none. A second channel is another image and keeps its suffix.</summary>
    public const string Channel = "_0000";

    /// <summary>The suffix of a channel, counted from 0: <c>_0001</c> of the second.</summary>
    public static string ChannelSuffix(int channel) => $"_{channel:0000}";

    // A slice identifies its series.
    private const string DicomEnding = ".dcm";

    /// <summary>The id of a volume.</summary>
    /// <param name="path">A file or folder, which need not exist; <c>FOLDER#echo=2</c> chooses one volume of a folder.</param>
    public static string Of(string path)
    {
        var choice = Choice().Match(path);
        var target = choice.Success ? path[..choice.Index] : path;
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)));
        if (!Directory.Exists(target))
            name = WithoutEnding(name);
        return OfName(name) + Separator().Replace(choice.Value, "-");
    }

    /// <summary>The id of a name without an extension.</summary>
    public static string OfName(string name) =>
        name.Length > Channel.Length && name.EndsWith(Channel, StringComparison.Ordinal)
            ? name[..^Channel.Length]
            : name;

    private static string WithoutEnding(string name)
    {
        var ending =
            FileEnding.Of(name)
            ?? (name.EndsWith(DicomEnding, StringComparison.OrdinalIgnoreCase) ? DicomEnding : "");
        return ending.Length < name.Length ? name[..^ending.Length] : name;
    }

    [GeneratedRegex("#[a-z]+=[^#/,=]+(,[a-z]+=[^#/,=]+)*$")]
    private static partial Regex Choice();

    [GeneratedRegex("[#,=]")]
    private static partial Regex Separator();
}

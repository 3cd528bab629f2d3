using KneeSeg.Data.Datasets;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Inference.Files;

/// <summary>Cases whose channels are several files: named ones, or those of a folder in nnU-Net's layout.</summary>
internal static class ChannelFiles
{
    /// <summary>A case given as <c>echo1=FILE,echo2=FILE</c>; null for any other path.</summary>
    /// <exception cref="ProblemException">A name is given twice (exit 2), or a file does not exist (exit 3).</exception>
    public static PredictionInput? Parse(string text)
    {
        if (VolumeFile.Exists(text))
            return null;
        string[][] parts = [.. text.Split(',').Select(part => part.Split('=', 2))];
        if (parts.Any(part => part is not [not "" and var name, not ""] || name.Contains('/')))
            return null;
        string[] names = [.. parts.Select(part => part[0])];
        if (names.FirstOrDefault(name => names.Count(other => other == name) > 1) is { } twice)
            throw new ProblemException(
                ExitCode.Usage,
                text,
                $"has '{twice}' twice",
                "Give each channel one file"
            );
        string[] files = [.. parts.Select(part => part[1])];
        if (files.FirstOrDefault(file => !VolumeFile.Exists(file)) is { } missing)
            throw new ProblemException(
                ExitCode.Data,
                missing,
                "no such file or folder",
                "Check the path"
            );
        return new(CaseId.Of(files[0]), files[0], null, null)
        {
            Channels = names,
            OtherImages = files[1..],
        };
    }

    /// <summary>The images of a folder, with files <c>ID_0000</c>, <c>ID_0001</c> and so on as the channels of one case.</summary>
    /// <param name="folder">The folder; the channels' names are in the nnU-Net manifest beside it, if there is one.</param>
    /// <param name="files">Its images, in order.</param>
    public static PredictionInput[] Grouped(string folder, IEnumerable<PredictionInput> files)
    {
        var names = NamesBeside(folder);
        return
        [
            .. files
                .GroupBy(file => StemOf(file.Image) ?? file.Image)
                .Select(of =>
                {
                    PredictionInput[] channels = [.. of];
                    return channels is [var only] && StemOf(only.Image) is null
                        ? only
                        : channels[0] with
                        {
                            Id = CaseId.OfName(channels[0].Id),
                            Channels = names,
                            OtherImages = [.. channels[1..].Select(channel => channel.Image)],
                        };
                }),
        ];
    }

    // The name without the number of the channel, if it has one.
    private static string? StemOf(string path)
    {
        var name = Path.GetFileName(path);
        var ending = VolumeFile.FormatOf(path) ?? "";
        var stem = name[..^ending.Length];
        return stem.Length > 5 && stem[^5] == '_' && int.TryParse(stem[^4..], out _)
            ? stem[..^5]
            : null;
    }

    private static IReadOnlyList<string> NamesBeside(string folder)
    {
        var above = Path.GetDirectoryName(
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))
        );
        try
        {
            return above is not null && DatasetFolder.HasManifest(above)
                ? DatasetFolder.Open(above).Channels
                : [];
        }
        // A broken dataset is no error when a folder of images is given.
        catch (ProblemException)
        {
            return [];
        }
    }
}

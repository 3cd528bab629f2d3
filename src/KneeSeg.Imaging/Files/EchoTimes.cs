using System.Globalization;
using KneeSeg.Imaging.Formats;
using KneeSeg.Imaging.Formats.Dicom;

namespace KneeSeg.Imaging.Files;

/// <summary>The echoes of DICOM series, with the echo times of their headers.</summary>
public static class EchoTimes
{
    /// <summary>The echoes that paths name: a series with several stands for all of them, in the order of their times.</summary>
    /// <param name="paths">Folders or files of DICOM series.</param>
    /// <exception cref="ProblemException">One is not DICOM (exit 2), can't be read, or has no echo time (exit 3).</exception>
    public static IReadOnlyList<Echo> Find(IEnumerable<string> paths) =>
        [.. paths.SelectMany(Of).OrderBy(echo => echo.Time)];

    private static IEnumerable<Echo> Of(string path)
    {
        var (place, choice) = VolumePath.Of(path);
        if (!VolumeFile.IsFolder(path) && !(File.Exists(place) && DicomStart.IsIn(place)))
            throw new ProblemException(
                ExitCode.Usage,
                path,
                "its echo time is not known, since it is not DICOM",
                "Add --te with a time in ms for each echo, such as --te 10,20,30"
            );
        var series = DicomSeries.WithEchoes(new(place, choice));
        double[] times = [.. series.Select(image => Time(path, image)).Distinct().Order()];
        return times is [var only]
            ? [new(path, only)]
            : times.Select(
                (time, i) =>
                    new Echo(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{path}{(choice.Length == 0 ? '#' : ',')}echo={i + 1}"
                        ),
                        time
                    )
            );
    }

    private static double Time(string path, DicomImage image) =>
        image.Values.Numbers(DicomTag.EchoTime) is [> 0 and var time] ? time
        : image.Values.Binary(DicomTag.EffectiveEchoTime) is > 0 and var effective ? effective
        : throw new ProblemException(
            ExitCode.Data,
            path,
            $"{image.File.Name} has no echo time",
            "Add --te with a time in ms for each echo, such as --te 10,20,30"
        );
}

/// <summary>An image of one echo.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Time">The echo time in ms.</param>
public sealed record Echo(string Path, double Time);

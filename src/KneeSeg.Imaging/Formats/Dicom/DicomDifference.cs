using System.Globalization;

namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>A property by which images at the same position may differ.</summary>
/// <param name="Word">The word that selects by it, with a number from 1.</param>
/// <param name="Name">Its name in messages.</param>
/// <param name="Unit">Of its values, with a space before; may be empty.</param>
/// <param name="Tag">The element of a file with one image.</param>
/// <param name="FrameTag">The element of a frame in a multi-frame file; 0 where it is the same.</param>
internal sealed record DicomDifference(
    string Word,
    string Name,
    string Unit,
    uint Tag,
    uint FrameTag = 0
)
{
    private const int MostListed = 4;

    /// <summary>In order of priority.</summary>
    public static IReadOnlyList<DicomDifference> Known { get; } =
    [
        new("echo", "echo time", " ms", DicomTag.EchoTime, DicomTag.EffectiveEchoTime),
        // For sequences that write the same echo time for all echoes.
        new("echo", "echo number", "", DicomTag.EchoNumber),
        new("repetition", "repetition time", " ms", DicomTag.RepetitionTime),
        new("inversion", "inversion time", " ms", DicomTag.InversionTime),
        new("flip", "flip angle", "°", DicomTag.FlipAngle),
        new("type", "image type", "", DicomTag.ImageType, DicomTag.FrameType),
        new("time", "time point", "", DicomTag.TemporalPosition, DicomTag.TemporalPositionIndex),
        new(
            "acquisition",
            "acquisition number",
            "",
            DicomTag.AcquisitionNumber,
            DicomTag.FrameAcquisitionNumber
        ),
        new("trigger", "trigger time", " ms", DicomTag.TriggerTime),
        new("time", "acquisition time", "", DicomTag.AcquisitionTime),
    ];

    /// <summary>
    /// The fewest properties that distinguish all images at each position; empty if there are none. A property with more
    /// values than images at a position changes along the stack and does not count.
    /// </summary>
    /// <param name="positions">The images at each position.</param>
    public static IReadOnlyList<DicomDifference> Between(
        IReadOnlyList<IReadOnlyList<DicomImage>> positions
    )
    {
        var most = positions.Max(images => images.Count);
        List<DicomDifference> found = [];
        var apart = positions.Count;
        foreach (var one in Known)
        {
            DicomDifference[] tried = [.. found, one];
            string Key(DicomImage image) =>
                string.Join('\n', tried.Select(by => by.ValueOf(image)));
            var distinct = positions.Sum(images => images.DistinctBy(Key).Count());
            if (
                distinct == apart
                || positions.SelectMany(images => images).DistinctBy(Key).Count() > most
            )
                continue;
            found.Add(one);
            apart = distinct;
        }
        return apart == positions.Sum(images => images.Count) ? found : [];
    }

    /// <summary>An image's value; empty where it has none.</summary>
    public string ValueOf(DicomImage image)
    {
        if (Word == "type")
            return image.Values.Text(FrameTag) ?? image.Values.Text(Tag) ?? "";
        var number =
            image.Values.Numbers(Tag) is [var first, ..] ? first
            : FrameTag == 0 ? null
            : image.Values.Binary(FrameTag);
        return number?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>The values in order: numbers by size, words by letter.</summary>
    public IReadOnlyList<string> Values(IEnumerable<DicomImage> images) =>
        [
            .. images
                .Select(ValueOf)
                .Distinct()
                .OrderBy(value =>
                    double.TryParse(value, CultureInfo.InvariantCulture, out var number)
                        ? number
                        : 0
                )
                .ThenBy(value => value, StringComparer.Ordinal),
        ];

    /// <summary>Such as "echo time (5 and 15 ms)".</summary>
    public string Describe(IEnumerable<DicomImage> images)
    {
        var values = Differing(Values(images));
        return values.Length > MostListed
            ? $"{Name} ({values.Length} values from {values[0]} to {values[^1]}{Unit})"
            : $"{Name} ({string.Join(", ", values[..^1])} and {values[^1]}{Unit})";
    }

    // For image types, only the parts that differ.
    private static string[] Differing(IReadOnlyList<string> values)
    {
        string[][] parts = [.. values.Select(value => value.Split('\\'))];
        return
        [
            .. parts.Select(own =>
                string.Join(' ', own.Where(part => !parts.All(other => other.Contains(part))))
                    is { Length: > 0 } different
                    ? different
                    : "none"
            ),
        ];
    }
}

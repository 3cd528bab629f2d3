namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>
/// Selects one volume from a folder: one series of one patient, and one of several images at each position. Ambiguities
/// must be resolved by the user.
/// </summary>
/// <param name="folder">Named in errors.</param>
/// <param name="choice">The user's selection.</param>
internal sealed class DicomSelection(string folder, DicomChoice choice)
{
    private const int MostListed = 8;

    /// <summary>Millimeters between images at one position: less than between slices, more than scanners round.</summary>
    public const double SamePosition = 0.01;

    /// <summary>The files of one series.</summary>
    /// <exception cref="ProblemException">There are several series, or one with several patients (exit 3).</exception>
    public IReadOnlyList<DicomFile> OneSeries(IReadOnlyList<DicomFile> files)
    {
        var series = files.GroupBy(file => file.Series).ToArray();
        var wanted = choice.Take(DicomChoice.Series);
        if (wanted is null && series.Length > 1)
            throw Several(files, series);
        var chosen = series
            .Where(one => wanted is null || wanted == one.Key || wanted == one.First().SeriesNumber)
            .ToArray();
        return chosen switch
        {
            [] => throw Bad(
                $"it has no series {wanted}, only {Listed(series)}",
                $"Choose one of these, such as {With(series[0], series)}"
            ),
            [var only] => OfOnePerson([.. only]),
            _ => throw Bad(
                $"{chosen.Length} of its series have the number {wanted}",
                $"Choose one by its UID, such as {With(chosen[0], series)}"
            ),
        };
    }

    /// <summary>The images of one volume: one at each position.</summary>
    /// <param name="images">Of one series, all in parallel planes.</param>
    /// <exception cref="ProblemException">There are several at each position and none is selected (exit 3).</exception>
    public IReadOnlyList<DicomImage> OneVolume(IReadOnlyList<DicomImage> images)
    {
        var positions = ByPosition(images);
        var differences = DicomDifference.Between(positions);
        if (differences is [])
        {
            choice.CheckUsed();
            // A single duplicate slice is reported later, with its neighbors.
            return positions.All(here => here.Length == positions[0].Length && here.Length > 1)
                ? throw Indistinct(positions)
                : images;
        }
        foreach (var by in differences)
            if (choice.Take(by.Word) is { } wanted)
                return OneVolume(Chosen(images, by, wanted));
        choice.CheckUsed();
        throw Several(images, positions, differences);
    }

    private IReadOnlyList<DicomFile> OfOnePerson(IReadOnlyList<DicomFile> files) =>
        files.FirstOrDefault(file => file.Person != files[0].Person) is { } other
            ? throw Bad(
                $"{files[0].Name} is of another patient or study than {other.Name}, although both declare the same series",
                "Put each study into its own folder"
            )
            : files;

    private ProblemException Several(
        IReadOnlyList<DicomFile> files,
        IGrouping<string, DicomFile>[] series
    )
    {
        var (first, other) = (files[0], series[1].First());
        var persons = files.Any(file => file.Person.Patient != first.Person.Patient)
            ? ", not all of one patient"
            : "";
        return Bad(
            $"it holds {series.Length} series: {first.Name} and {other.Name} are in different ones{persons}; they are {Listed(series)}",
            $"Choose one, such as {With(series[0], series)}, or put each series into its own folder"
        );
    }

    private static string Listed(IGrouping<string, DicomFile>[] series)
    {
        var named = series
            .Take(MostListed)
            .Select(one =>
                $"{NameOf(one, series)} (\"{one.First().Description}\", {one.Count()} {(one.Count() == 1 ? "file" : "files")})"
            );
        var more = series.Length > MostListed ? $" and {series.Length - MostListed} more" : "";
        return string.Join(", ", named) + more;
    }

    private string With(IGrouping<string, DicomFile> one, IGrouping<string, DicomFile>[] all) =>
        choice.With((DicomChoice.Series, NameOf(one, all)));

    // The series number if it is unique.
    private static string NameOf(
        IGrouping<string, DicomFile> one,
        IGrouping<string, DicomFile>[] all
    ) =>
        one.First().SeriesNumber is { } number
        && all.Count(other => other.First().SeriesNumber == number) == 1
            ? number
            : one.Key;

    private static DicomImage[][] ByPosition(IReadOnlyList<DicomImage> images)
    {
        List<List<DicomImage>> positions = [];
        foreach (var image in images.OrderBy(image => image.Depth))
            if (positions is [.., [var first, ..] last] && image.Depth - first.Depth < SamePosition)
                last.Add(image);
            else
                positions.Add([image]);
        return [.. positions.Select(here => here.ToArray())];
    }

    private DicomImage[] Chosen(IReadOnlyList<DicomImage> images, DicomDifference by, string wanted)
    {
        var values = by.Values(images);
        return int.TryParse(wanted, out var number) && number >= 1 && number <= values.Count
            ? [.. images.Where(image => by.ValueOf(image) == values[number - 1])]
            : throw Bad(
                $"it has no {by.Word} {wanted}: its images differ in {by.Describe(images)}",
                $"Write {by.Word}= with a number from 1 to {values.Count}, in this order"
            );
    }

    private ProblemException Several(
        IReadOnlyList<DicomImage> images,
        DicomImage[][] positions,
        IReadOnlyList<DicomDifference> differences
    )
    {
        var what = string.Join(" and ", differences.Select(by => by.Describe(images)));
        var last = choice.With(differences.Select(by => (by.Word, $"{by.Values(images).Count}")));
        var inOneFile = images.DistinctBy(image => image.File.Path).Count() < images.Count;
        return Bad(
            $"{Count(positions)} that differ in {what}",
            inOneFile
                ? "Convert it with dcm2niix by hand and pass one of the .nii files"
                : $"Choose one by its number in this order, such as {last} for the last"
        );
    }

    private ProblemException Indistinct(DicomImage[][] positions)
    {
        var (first, second) = (positions[0][0].File, positions[0][1].File);
        return Bad(
            $"{Count(positions)}, such as {first.Name} and {second.Name}, and their headers do not show how they differ",
            "Remove copies, or put each volume into its own folder"
        );
    }

    private static string Count(DicomImage[][] positions)
    {
        var most = positions.Max(here => here.Length);
        var upTo = positions.All(here => here.Length == most) ? "" : "up to ";
        return $"it holds {upTo}{most} images at each of {positions.Length} {(positions.Length == 1 ? "position" : "positions")}";
    }

    private ProblemException Bad(string what, string fix) => new(ExitCode.Data, folder, what, fix);
}

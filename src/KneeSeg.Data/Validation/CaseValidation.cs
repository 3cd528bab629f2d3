using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Data.Validation;

/// <summary>Reads one case and applies the rules that concern it alone.</summary>
internal sealed class CaseValidation(DatasetCase dataCase, LabelSchema profile)
{
    private readonly List<ValidationIssue> findings = [];

    public IReadOnlyList<ValidationIssue> Findings => findings;

    /// <summary>Voxels of the labels, ignored ones among them.</summary>
    public long Labeled { get; private set; }

    /// <summary>Those of them that are ignored.</summary>
    public long Ignored { get; private set; }

    /// <summary>Applies the rules; null if the image can't be read.</summary>
    public CaseSummary? Run()
    {
        var images = Try(() => dataCase.ReadImages(WarnAboutHeader)) ?? [];
        foreach (var (path, image) in dataCase.Images.Zip(images))
            CheckImage(image, images.Count == 1 ? "image" : Path.GetFileName(path));
        if (dataCase.Labels is not null)
            CheckLabels(images is [] ? null : images[0].Grid);
        foreach (var map in dataCase.Maps.Values)
            Try(() => VolumeFile.ReadGrid(map, dataCase.Spacing));
        return images is [] ? null : CaseSummary.Of(dataCase, images[0]);
    }

    private void CheckImage(Volume<float> image, string name)
    {
        var seen = ImageStatistics.Of(image);
        if (seen.NonFinite > 0)
            Warn(
                $"{seen.NonFinite:N0} voxels of {TheImage(name)} are not finite, the first at {Index(image.Grid, seen.FirstNonFinite)}",
                "They are replaced by the minimum intensity; regenerate the image if that is wrong"
            );
        if (seen.IsFlat)
            Fail($"all voxels of {TheImage(name)} have the same value", "Regenerate the image");
        else if (seen.LooksLikeLabels)
            Fail(
                $"its {name} contains only whole numbers from {seen.Low} to {seen.High}, like a label volume",
                "Pass the image, not the label volume"
            );
        foreach (var warning in GridRules.Warnings(image.Grid))
            Warn(warning.What, warning.Fix);
    }

    private static string TheImage(string name) => name == "image" ? "the image" : name;

    private static string Index(Grid grid, int voxel)
    {
        var (x, y) = (grid.Size.X, grid.Size.Y);
        return $"({voxel % x}, {voxel / x % y}, {voxel / x / y})";
    }

    private void CheckLabels(Grid? image)
    {
        // Unknown values are checked later, so that the case's other faults are reported too.
        var labels = Try(() =>
            VolumeFile.ReadLabels(
                dataCase.LabelsPath,
                dataCase.Spacing,
                WarnAboutHeader,
                names: profile.Labels
            )
        );
        if (labels is null)
            return;
        if (image is not null)
            labels = Placed(image, labels);
        var counts = new long[256];
        foreach (var label in labels.Voxels)
            counts[label]++;
        for (var label = 0; label < counts.Length; label++)
            if (counts[label] > 0 && !profile.Allows((byte)label))
                Fail(dataCase.UnknownLabel(profile, (byte)label, counts[label]));
        (Labeled, Ignored) = (
            labels.Voxels.Length,
            profile.Ignore is { } ignore ? counts[ignore] : 0
        );
        LabelValue.MarkIgnored(labels.Voxels, profile.Ignore);
        CheckOrder(labels);
        string[] absent = [.. profile.Labels.Where((_, label) => label > 0 && counts[label] == 0)];
        if (Ignored == Labeled)
            Fail(dataCase.NothingAnnotated());
        else if (counts[0] + Ignored == Labeled)
            Fail("the labels are empty", "Draw them, or remove the case");
        else if (absent.Length > 0)
            Warn(
                $"the labels have no {string.Join(", no ", absent)}",
                "Check whether it is missing in the image too"
            );
    }

    private Volume<byte> Placed(Grid image, Volume<byte> labels)
    {
        var placed = PlacedLabels.On(image, labels);
        if (placed.Problem(dataCase.LabelsPath, dataCase.Image) is { } problem)
            Fail(problem);
        if (placed.Note is { } note)
            Warn(
                $"{Path.GetFileName(dataCase.LabelsPath)}: {note}",
                "No action needed: training and evaluation reorient it too"
            );
        return placed.Labels ?? labels;
    }

    private void CheckOrder(Volume<byte> labels)
    {
        var order = new LabelOrder(labels);
        if (order.Problem(dataCase.LabelsPath, profile, dataCase.Side) is { } problem)
            Fail(problem);
        else if (order.Contradiction(profile, dataCase.Side) is { } contradiction)
            Warn(contradiction, "Check whether labels are swapped or the side is wrong");
    }

    private T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ProblemException e)
        {
            Fail($"{e.Where}: {e.What}", e.Fix);
            return null;
        }
    }

    private void WarnAboutHeader(string warning) =>
        Warn(warning.TrimEnd('.'), "Check the file's header");

    private void Warn(string what, string fix) =>
        findings.Add(new(IssueSeverity.Warning, dataCase.Id, what, fix));

    private void Fail(ProblemException problem) => Fail(problem.What, problem.Fix);

    private void Fail(string what, string fix) =>
        findings.Add(new(IssueSeverity.Error, dataCase.Id, what, fix));
}

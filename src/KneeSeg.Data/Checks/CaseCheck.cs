using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>Reads one case and tries the rules that need no other.</summary>
internal sealed class CaseCheck(DatasetCase dataCase, LabelProfile profile)
{
    private readonly List<Finding> findings = [];

    public IReadOnlyList<Finding> Findings => findings;

    /// <summary>Tries the rules; null where the image can't be read.</summary>
    public CaseFacts? Run()
    {
        var image = Try(() => dataCase.ReadImage(Doubt));
        if (image is not null)
            CheckImage(image);
        if (dataCase.Labels is not null)
            CheckLabels(image?.Grid);
        return image is null ? null : CaseFacts.Of(dataCase, image);
    }

    private void CheckImage(Volume<float> image)
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        var wrong = 0;
        foreach (var value in image.Voxels)
        {
            if (!float.IsFinite(value))
                wrong++;
            else
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
        if (wrong > 0)
            Warn(
                $"{wrong:N0} voxels of the image are not finite",
                "They are taken as the darkest voxel; make the image again if that is wrong"
            );
        if (low >= high)
            Fail("all voxels of the image have one value", "Make the image again");
    }

    private void CheckLabels(Grid? image)
    {
        // Not by the profile yet: the case's other faults are told even if a value is unknown.
        var labels = Try(() => VolumeFile.ReadLabels(dataCase.LabelsPath, dataCase.Spacing, Doubt));
        if (labels is null)
            return;
        if (image is not null && dataCase.GridProblem(image, labels.Grid) is { } problem)
            Fail(problem.What, problem.Fix);
        var counts = new long[256];
        foreach (var label in labels.Voxels)
            counts[label]++;
        for (var label = profile.Classes; label < counts.Length; label++)
            if (counts[label] > 0)
                Fail(
                    $"{counts[label]:N0} voxels have label {label}, but profile {profile.Name} ends at {profile.Classes - 1}",
                    "Correct the labels, or name the profile they were made with in dataset.json"
                );
        string[] absent = [.. profile.Labels.Where((_, label) => label > 0 && counts[label] == 0)];
        if (counts[0] == labels.Voxels.Length)
            Fail("the labels are empty", "Draw them, or take the case out");
        else if (absent.Length > 0)
            Warn(
                $"the labels have no {string.Join(", no ", absent)}",
                "Look whether it is missing in the image too"
            );
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

    private void Doubt(string sentence) => Warn(sentence.TrimEnd('.'), "Check the file's header");

    private void Warn(string what, string fix) =>
        findings.Add(new(Severity.Warning, dataCase.Id, what, fix));

    private void Fail(string what, string fix) =>
        findings.Add(new(Severity.Error, dataCase.Id, what, fix));
}

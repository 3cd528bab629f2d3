using System.Text.Json;
using KneeSeg.Data.Datasets;

namespace KneeSeg.Runs.Nnunet;

/// <summary>What nnU-Net's cross-validation found to improve predictions.</summary>
/// <param name="Largest">The labels of which only the largest component is kept.</param>
/// <param name="Others">Functions that are not applied, with what they take.</param>
public sealed record NnunetPostprocessing(IReadOnlyList<int> Largest, IReadOnlyList<string> Others)
{
    private const string KeepsLargest = "remove_all_but_largest_component_from_segmentation";

    /// <summary>Reads <c>crossval_results_folds_…/postprocessing.json</c>; nothing where there is none.</summary>
    /// <param name="folder">The folder of the configuration.</param>
    /// <exception cref="ProblemException">It is invalid (exit 3).</exception>
    public static NnunetPostprocessing Read(string folder)
    {
        var path = Directory
            .EnumerateDirectories(folder, "crossval_results_folds_*")
            .Select(results => Path.Combine(results, "postprocessing.json"))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault(File.Exists);
        if (path is null)
            return new([], []);
        using var json = NnunetPlans.Json(path);
        var root = new ManifestField(path, "", json.RootElement);
        var (largest, others) = (new List<int>(), new List<string>());
        foreach (
            var (function, settings) in root.Get("postprocessing_fns")
                .Items()
                .Zip(root.Get("postprocessing_kwargs").Items())
        )
            if (
                function.Text() == KeepsLargest
                && settings.Get("labels_or_regions")
                    is { Value.ValueKind: JsonValueKind.Number } label
            )
                largest.Add(label.Integer());
            else
                others.Add($"{function.Text()} of {settings.Value.GetRawText()}");
        return new(largest, others);
    }
}

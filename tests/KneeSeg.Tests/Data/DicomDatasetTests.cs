using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>Data sets whose volumes are DICOM series.</summary>
[Collection(nameof(FakeConverter))]
public sealed class DicomDatasetTests : IDisposable
{
    private const string Manifest = """
        { "format": 1, "profile": "own", "labels": ["background", "cartilage"],
          "mirror": { "axes": ["depth"], "swap": [] },
          "cases": [
            { "id": "first", "split": "train", "image": "qdess#echo=1", "labels": "labels" },
            { "id": "second", "split": "validation", "image": "qdess#echo=2", "labels": "labels" } ] }
        """;

    private const uint Echo = 0x00180081;
    private readonly TemporaryFolder folder = new();
    private readonly FakeConverter converter = new();

    public DicomDatasetTests()
    {
        folder.WriteSlices("qdess/long", new() { [Echo] = "15" });
        folder.WriteSlices("qdess/short", new() { [Echo] = "5" });
        for (var k = 0; k < 4; k++)
            folder.Write(
                $"labels/labels{k}.dcm",
                new DicomBytes { Z = 3 * k, Voxel = i => i / 4 % 2 }
            );
        File.WriteAllText(folder["dataset.json"], Manifest);
        var grid = VolumeFile.ReadGrid(folder["labels"]);
        converter.Makes("short0", DicomSamples.Converted(grid, 1));
        converter.Makes("long0", DicomSamples.Converted(grid, -3));
        converter.Makes("labels0", new Volume<float>(grid, [.. Bits()]));
    }

    public void Dispose()
    {
        converter.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_series_is_a_file_that_is_there()
    {
        var report = DatasetValidation.Run(folder["dataset.json"]);
        Assert.DoesNotContain(report.Findings, finding => finding.Severity == IssueSeverity.Error);
        Directory.Delete(folder["labels"], recursive: true);
        var missing = DatasetValidation
            .Run(folder["dataset.json"])
            .Findings.Where(finding =>
                finding.What.EndsWith("is missing", StringComparison.Ordinal)
            );
        Assert.Equal(["first", "second"], missing.Select(finding => finding.Case).Order());
    }

    [Fact]
    public void Two_echoes_of_a_folder_are_two_entries_of_the_cache()
    {
        var dataset = DatasetFolder.Open(folder[""]);
        PreprocessedCache cache = new(folder["cache"], 1 << 30);
        var images = dataset.Cases.Select(one =>
            cache.Load(one, dataset.Profile, new(one.ReadSpacing())).Image.ToArray()
        );
        Assert.NotEqual(images.First(), images.Last());
        Assert.Equal(2, Directory.GetFiles(folder["cache"]).Length);
    }

    [Fact]
    public void An_echo_that_is_in_the_cache_is_not_converted_again()
    {
        var dataset = DatasetFolder.Open(folder[""]);
        PreprocessedCache cache = new(folder["cache"], 1 << 30);
        PreprocessedCase Load() =>
            cache.Load(dataset.Cases[1], dataset.Profile, new(dataset.Cases[1].ReadSpacing()));
        var image = Load().Image.ToArray();
        converter.Forget();
        Assert.Equal(image, Load().Image.ToArray());
        Assert.False(converter.WasCalled);
    }

    [Fact]
    public void Labels_that_are_a_series_are_one_case_to_evaluate()
    {
        var pair = Assert.Single(EvaluationPair.Match(folder["labels"], folder["labels"]));
        Assert.Equal([.. Bits()], pair.ReadReference().Voxels.Select(label => (float)label));
    }

    // By rows, of which a slice has three: the same from the last row on.
    private static IEnumerable<float> Bits() =>
        Enumerable.Range(0, 48).Select(i => (float)(i / 4 % 3 % 2));
}

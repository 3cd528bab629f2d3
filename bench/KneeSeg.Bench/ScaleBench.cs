using System.Diagnostics;
using System.Globalization;
using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;

namespace KneeSeg.Bench;

/// <summary>
/// Many cases of a few drawn knees: the time of each to validate, to prepare, to open again and
/// to sample, and whether memory stays flat.
/// </summary>
internal static class ScaleBench
{
    // Each drawn knee stands for so many cases.
    private const int Drawn = 4;

    /// <summary>Prints seconds and bytes per case.</summary>
    /// <param name="count">How many cases.</param>
    /// <param name="size">The voxels of each.</param>
    /// <returns>Whether the managed heap did not grow with the number of cases, and the cache held its budget.</returns>
    public static bool Run(int count, ModelSize size)
    {
        var folder = Directory.CreateTempSubdirectory("kneeseg-scale-");
        try
        {
            var dataset = Many(Path.Combine(folder.FullName, "knees"), count, size);
            List<long> heaps = [];
            var watch = Stopwatch.StartNew();
            void Noted(CaseProgress at)
            {
                // What only waits for the collector does not stay behind.
                if (at.Done * 4 % at.Total < 4)
                    heaps.Add(GC.GetTotalMemory(forceFullCollection: true));
            }
            void Say(string what, int cases)
            {
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{what, -10} {watch.Elapsed.TotalSeconds / cases:0.000} s per case, heap {string.Join(", ", heaps.Select(bytes => $"{bytes / 1e6:0.0}"))} MB"
                    )
                );
                watch.Restart();
            }
            DatasetValidation.Run(dataset.Folder, Noted);
            var isFlat = IsFlat(heaps);
            Say("validate", count);
            heaps.Clear();
            var entry = (long)(1.2 * size.Count * (sizeof(float) + sizeof(byte)));
            PreprocessedCache cache = new(Path.Combine(folder.FullName, "cache"), count * entry);
            Preprocessor preprocessor = new(Preprocessor.SpacingFor(dataset));
            PreprocessedDataset.Load(dataset, preprocessor, Noted, cache, memory: 1);
            isFlat &= IsFlat(heaps);
            Say("prepare", count);
            heaps.Clear();
            var data = PreprocessedDataset.Load(dataset, preprocessor, Noted, cache, memory: 1);
            _ = TrainingImageStatistics.Of(preprocessor.Spacing, data.Train);
            isFlat &= IsFlat(heaps);
            Say("open again", count);
            heaps.Clear();
            PatchSampler sampler = new(
                data.Train,
                new(
                    new(Math.Min(32, size.Depth), 32, 32),
                    PatchKind.Volume,
                    .67,
                    FlipAugmentation.Knees,
                    Augmentation.Default
                ),
                1
            );
            for (var step = 0; step < count; step++)
            {
                Noted(new(step, count, ""));
                sampler.Batch(0, step, 1);
            }
            isFlat &= IsFlat(heaps);
            Say("sample", count);
            var bytes = new DirectoryInfo(Path.Combine(folder.FullName, "cache"))
                .GetFiles()
                .Sum(file => file.Length);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"cache      {bytes / 1e9:0.00} GB of {cache.Budget / 1e9:0.00} GB; heap {(isFlat ? "flat" : "grows")}"
                )
            );
            return isFlat && bytes <= cache.Budget;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // What a case leaves is its record, whatever its size.
    private static bool IsFlat(List<long> heaps) => heaps[^1] <= heaps[0] + 20_000_000;

    // Cases of different images, since equal ones would be found: one voxel tells them apart.
    private static Dataset Many(string folder, int count, ModelSize size)
    {
        var knees = Enumerable.Range(1, Drawn).Select(seed => Phantom.Create(seed, size)).ToArray();
        DatasetCase[] cases =
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                {
                    var knee = knees[i % Drawn];
                    var id = $"knee-{i:0000}";
                    var (image, labels) = (At("images", id), At("labels", id));
                    knee.Image.Voxels[i] = (short)(1 + i % 1000);
                    Imaging.Files.VolumeFile.Write(image, knee.Image);
                    Imaging.Files.VolumeFile.Write(labels, knee.Labels);
                    return new DatasetCase(
                        id,
                        id,
                        knee.Parameters.Side,
                        i % 5 == 0 ? Split.Validation : Split.Train,
                        image,
                        labels,
                        null
                    );
                }),
        ];
        Dataset dataset = new(
            folder,
            "many knees",
            LabelSchema.Find("iwoai")!,
            FlipAugmentation.Knees,
            cases
        );
        File.WriteAllText(Path.Combine(folder, "dataset.json"), ManifestWriter.Text(dataset));
        return dataset;

        string At(string kind, string id) =>
            Path.Combine(
                Directory.CreateDirectory(Path.Combine(folder, kind)).FullName,
                id + ".nii.gz"
            );
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KneeSeg.Data.Datasets;

namespace KneeSeg.Data.Preprocessing;

/// <summary>A dataset's training and validation cases.</summary>
/// <param name="Profile">The label map.</param>
/// <param name="Mirror">Flip augmentation.</param>
/// <param name="Preprocessor">The preprocessing.</param>
/// <param name="Train">The training cases.</param>
/// <param name="Validation">The validation cases; there may be none.</param>
public sealed record PreprocessedDataset(
    LabelSchema Profile,
    FlipAugmentation Mirror,
    Preprocessor Preprocessor,
    IReadOnlyList<PreprocessedCase> Train,
    IReadOnlyList<PreprocessedCase> Validation
)
{
    /// <summary>Reads and preprocesses all training and validation cases.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="preprocessor">The preprocessing.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="cache">The cache of preprocessed cases; null for none.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <param name="memory">
    /// The memory limit in bytes for cases that do not fit into the cache; by default half of the machine's memory.
    /// </param>
    /// <param name="warn">Receives warnings about label files that are preprocessed now, once for all that share one.</param>
    /// <exception cref="ProblemException">
    /// There are no training cases, or a case is invalid (exit 3); memory and cache are too small (exit 6).
    /// </exception>
    public static PreprocessedDataset Load(
        Dataset dataset,
        Preprocessor preprocessor,
        Action<CaseProgress>? progress = null,
        PreprocessedCache? cache = null,
        CancellationToken cancel = default,
        long? memory = null,
        Action<string>? warn = null
    )
    {
        var most = memory ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        DatasetCase[] cases = [.. dataset.In(Split.Train), .. dataset.In(Split.Validation)];
        CheckRoom(dataset, cases, preprocessor, cache?.Budget ?? 0, most);
        var prepared = new PreprocessedCase[cases.Length];
        var held = 0L;
        var warnings = new FileWarnings();
        for (var i = 0; i < cases.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            progress?.Invoke(new(i, cases.Length, cases[i].Id));
            var warnAboutFile = warnings.About(Path.GetFileName(cases[i].LabelsPath));
            prepared[i] =
                cache?.Load(cases[i], dataset.Profile, preprocessor, warnAboutFile)
                ?? PreprocessedCase.Load(cases[i], dataset.Profile, preprocessor, warnAboutFile);
            prepared[i].Groups = cases[i].Groups;
            // Now, while the voxels of a cached case are in memory from checking them.
            _ = prepared[i].Intensities;
            held += prepared[i].Bytes;
            if (held > most)
                throw TooMany(dataset, i + 1, cases.Length, most);
        }
        warnings.Report(warn ?? (_ => { }));
        CheckLeaks(cases, prepared);
        var train = cases.Count(c => c.Split == Split.Train);
        return train == 0
            ? throw new ProblemException(
                ExitCode.Data,
                dataset.Folder,
                "there are no training cases",
                "Give cases the split \"train\""
            )
            : new PreprocessedDataset(
                dataset.Profile,
                dataset.Mirror,
                preprocessor,
                prepared[..train],
                prepared[train..]
            );
    }

    /// <summary>The same, with all structures as one.</summary>
    public PreprocessedDataset Binarized() =>
        this with
        {
            Profile = LabelSchema.Binary,
            Mirror = new(Mirror.Axes, []),
            Train = [.. Train.Select(one => one.Binarized())],
            Validation = [.. Validation.Select(one => one.Binarized())],
        };

    // From the headers, so that hours of preprocessing do not end in an error.
    private static void CheckRoom(
        Dataset dataset,
        DatasetCase[] cases,
        Preprocessor preprocessor,
        long budget,
        long memory
    )
    {
        var needed = cases.Sum(one =>
            preprocessor.TargetFor(one.ReadGrid()).Size.Count
            * (sizeof(float) * one.Images.Count + sizeof(byte))
        );
        if (needed > budget + memory)
            throw new ProblemException(
                ExitCode.Resources,
                dataset.Folder,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{cases.Length} preprocessed cases need about {needed / 1e9:0.0} GB, but the cache is limited to {budget / 1e9:0.0} GB and memory to {memory / 1e9:0.0} GB"
                ),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Raise the limit of the cache, such as KNEESEG_CACHE_GB={Math.Ceiling(1.1 * needed / (1L << 30)):0}; KNEESEG_CACHE sets its folder. Or choose a coarser --set spacing, or --set centerCrop"
                )
            );
    }

    private static ProblemException TooMany(Dataset dataset, int done, int all, long most) =>
        new(
            ExitCode.Resources,
            dataset.Folder,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{done} of {all} preprocessed cases already exceed the memory limit of {most / 1e9:0.0} GB"
            ),
            "Cache them on disk: KNEESEG_CACHE_GB sets the size of the cache, KNEESEG_CACHE its folder"
        );

    // The same volume in both splits would inflate scores.
    private static void CheckLeaks(DatasetCase[] cases, PreprocessedCase[] prepared)
    {
        Dictionary<string, DatasetCase> seen = [];
        foreach (var (dataCase, volume) in cases.Zip(prepared))
        {
            var hash = Convert.ToHexString(volume.ImageHash);
            if (seen.TryGetValue(hash, out var other) && other.Split != dataCase.Split)
                throw new ProblemException(
                    ExitCode.Data,
                    $"cases {other.Id} and {dataCase.Id}",
                    "their images are identical, but one is for training and one for validation",
                    "Remove one of the two"
                );
            seen.TryAdd(hash, dataCase);
        }
    }

    /// <summary>
    /// SHA-256 over the preprocessed voxels, labels and split of every case: equal for equal data in any location and format.
    /// </summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', Profile.Labels)));
        foreach (var cases in (IReadOnlyList<PreprocessedCase>[])[Train, Validation])
        {
            hash.AppendData(BitConverter.GetBytes(cases.Count));
            foreach (var prepared in cases)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{prepared.Id}\n{prepared.Size}\n"));
                hash.AppendData(prepared.ImageHash);
                hash.AppendData(prepared.LabelsHash);
                if (prepared.Groups is { } groups)
                    hash.AppendData(Encoding.UTF8.GetBytes($"\n{groups}"));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KneeSeg.Data;

/// <summary>A dataset's training and validation cases.</summary>
/// <param name="Profile">What the labels mean.</param>
/// <param name="Mirror">How images may be mirrored.</param>
/// <param name="Preprocessor">What was done to the images.</param>
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
    /// <summary>Reads and prepares all cases for training and validation.</summary>
    /// <param name="dataset">Where they are.</param>
    /// <param name="preparation">What is done to the images.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="cache">Where prepared cases are kept; null keeps none.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <param name="memory">
    /// Bytes that cases may take for which the cache has no room; half of the machine's memory unless given.
    /// </param>
    /// <param name="warn">Receives every doubt about label files that are prepared now, once for all that share it.</param>
    /// <exception cref="ProblemException">
    /// There is nothing to train on, or a case has a fault (exit 3); there are more than memory and cache hold (exit 6).
    /// </exception>
    public static PreprocessedDataset Load(
        Dataset dataset,
        Preprocessor preparation,
        Action<CaseProgress>? progress = null,
        PreprocessedCache? cache = null,
        CancellationToken cancel = default,
        long? memory = null,
        Action<string>? warn = null
    )
    {
        var most = memory ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        DatasetCase[] cases = [.. dataset.In(Split.Train), .. dataset.In(Split.Validation)];
        var prepared = new PreprocessedCase[cases.Length];
        var doubts = new FileWarnings();
        for (var i = 0; i < cases.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            progress?.Invoke(new(i, cases.Length, cases[i].Id));
            var doubt = doubts.About(Path.GetFileName(cases[i].LabelsPath));
            prepared[i] =
                cache?.Load(cases[i], dataset.Profile, preparation, doubt)
                ?? PreprocessedCase.Load(cases[i], dataset.Profile, preparation, doubt);
            if (prepared[..(i + 1)].Sum(one => one.Bytes) > most)
                throw TooMany(dataset, i + 1, cases.Length, most);
        }
        doubts.Say(warn ?? (_ => { }));
        CheckLeaks(cases, prepared);
        var train = cases.Count(c => c.Split == Split.Train);
        return train == 0
            ? throw new ProblemException(
                ExitCode.Data,
                dataset.Folder,
                "no case is for training",
                "Give cases the split \"train\""
            )
            : new PreprocessedDataset(
                dataset.Profile,
                dataset.Mirror,
                preparation,
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

    private static ProblemException TooMany(Dataset dataset, int done, int all, long most) =>
        new(
            ExitCode.Resources,
            dataset.Folder,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{done} of {all} prepared knees take more than the {most / 1e9:0.0} GB of memory that there are for them"
            ),
            "Let the cache keep them on disk: KNEESEG_CACHE_GB is how much it may take, KNEESEG_CACHE its folder"
        );

    // A volume that is trained on and validated with makes scores flatter, under whatever names it comes.
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
                    "their images are the same, voxel for voxel, but one is for training and one for validation",
                    "Take one of the two out"
                );
            seen.TryAdd(hash, dataCase);
        }
    }

    /// <summary>
    /// SHA-256 over the prepared voxels, labels and split of every case: equal for equal data, wherever
    /// and in whatever files it lies.
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
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

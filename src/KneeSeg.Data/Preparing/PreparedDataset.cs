using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace KneeSeg.Data;

/// <summary>A dataset's training and validation cases in memory.</summary>
/// <param name="Profile">What the labels mean.</param>
/// <param name="Mirror">How images may be mirrored.</param>
/// <param name="Preparation">What was done to the images.</param>
/// <param name="Train">The training cases.</param>
/// <param name="Validation">The validation cases; there may be none.</param>
public sealed record PreparedDataset(
    LabelProfile Profile,
    MirrorRule Mirror,
    Preparation Preparation,
    IReadOnlyList<PreparedCase> Train,
    IReadOnlyList<PreparedCase> Validation
)
{
    /// <summary>Reads and prepares all cases for training and validation.</summary>
    /// <param name="dataset">Where they are.</param>
    /// <param name="preparation">What is done to the images.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="cache">Where prepared cases are kept; null keeps none.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">There is nothing to train on, or a case has a fault (exit 3).</exception>
    public static PreparedDataset Load(
        Dataset dataset,
        Preparation preparation,
        Action<CaseProgress>? progress = null,
        PreparedCache? cache = null,
        CancellationToken cancel = default
    )
    {
        DatasetCase[] cases = [.. dataset.In(Split.Train), .. dataset.In(Split.Validation)];
        var prepared = new PreparedCase[cases.Length];
        for (var i = 0; i < cases.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            progress?.Invoke(new(i, cases.Length, cases[i].Id));
            prepared[i] =
                cache?.Load(cases[i], dataset.Profile, preparation)
                ?? PreparedCase.Load(cases[i], dataset.Profile, preparation);
        }
        CheckLeaks(cases, prepared);
        var train = cases.Count(c => c.Split == Split.Train);
        return train == 0
            ? throw new ProblemException(
                ExitCode.Data,
                dataset.Folder,
                "no case is for training",
                "Give cases the split \"train\""
            )
            : new PreparedDataset(
                dataset.Profile,
                dataset.Mirror,
                preparation,
                prepared[..train],
                prepared[train..]
            );
    }

    /// <summary>The same, with all structures as one.</summary>
    public PreparedDataset AsOneTissue() =>
        this with
        {
            Profile = LabelProfile.OneTissue,
            Mirror = new(Mirror.Axes, []),
            Train = [.. Train.Select(one => one.AsOneTissue())],
            Validation = [.. Validation.Select(one => one.AsOneTissue())],
        };

    // A volume that is trained on and validated with makes scores flatter, under whatever names it comes.
    private static void CheckLeaks(DatasetCase[] cases, PreparedCase[] prepared)
    {
        Dictionary<string, DatasetCase> seen = [];
        foreach (var (dataCase, volume) in cases.Zip(prepared))
        {
            var hash = Convert.ToHexString(
                SHA256.HashData(MemoryMarshal.AsBytes(volume.Image.AsSpan()))
            );
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
        foreach (var cases in (IReadOnlyList<PreparedCase>[])[Train, Validation])
        {
            hash.AppendData(BitConverter.GetBytes(cases.Count));
            foreach (var prepared in cases)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{prepared.Id}\n{prepared.Size}\n"));
                hash.AppendData(MemoryMarshal.AsBytes(prepared.Image.AsSpan()));
                hash.AppendData(prepared.Labels);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

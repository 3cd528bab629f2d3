using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace KneeSeg.Data;

/// <summary>
/// Prepared cases on disk, so that the next training on them begins at once. An entry's name is a hash of everything
/// that it follows from: the bytes of its files, the preparation, and the version of this code. Entries are written whole
/// or not at all, damaged ones are made again, and the ones longest unused go when there is no room. Several processes
/// may share a folder.
/// </summary>
/// <param name="folder">Where the entries are.</param>
/// <param name="budget">Bytes that they may take together.</param>
public sealed class PreparedCache(string folder, long budget)
{
    // Raise it when preparing gives other voxels than before.
    private const int Version = 1;
    private const string Ending = ".prepared";
    private const long DefaultBudget = 20L << 30;

    /// <summary>
    /// The folder <c>kneeseg</c> among the user's caches, or <c>KNEESEG_CACHE</c>; 20 GiB, or <c>KNEESEG_CACHE_GB</c>;
    /// null where that is 0.
    /// </summary>
    public static PreparedCache? Default
    {
        get
        {
            var words = Environment.GetEnvironmentVariable("KNEESEG_CACHE_GB");
            var budget = double.TryParse(words, CultureInfo.InvariantCulture, out var gigabytes)
                ? (long)(gigabytes * (1L << 30))
                : DefaultBudget;
            return budget > 0 ? new(DefaultFolder, budget) : null;
        }
    }

    private static string DefaultFolder =>
        Environment.GetEnvironmentVariable("KNEESEG_CACHE") is { Length: > 0 } named
            ? named
            : Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches
                    ? caches
                    : Path.Combine(
                        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                        ".cache"
                    ),
                "kneeseg"
            );

    /// <summary>A case from the cache, or prepared and put there.</summary>
    /// <inheritdoc cref="PreparedCase.Load"/>
    public PreparedCase Load(DatasetCase dataCase, LabelProfile profile, Preparation preparation)
    {
        var path = Path.Combine(folder, KeyOf(dataCase, profile, preparation) + Ending);
        if (PreparedEntry.Read(path, dataCase.Id, profile.Classes) is { } kept)
            return kept;
        var prepared = PreparedCase.Load(dataCase, profile, preparation);
        Keep(path, prepared);
        return prepared;
    }

    private static string KeyOf(DatasetCase dataCase, LabelProfile profile, Preparation preparation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] facts =
        [
            $"{Version}",
            JsonSerializer.Serialize(preparation),
            JsonSerializer.Serialize(dataCase.Spacing),
            $"{dataCase.Side}",
            .. profile.Labels,
        ];
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', facts)));
        foreach (var file in FilesOf(dataCase))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetExtension(file)));
            hash.AppendData(HashOf(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // The voxels of a pair, or of a header with its file beside it, are in a file that the name does not tell.
    private static IEnumerable<string> FilesOf(DatasetCase dataCase) =>
        [.. FilesOf(dataCase.Image), .. FilesOf(dataCase.LabelsPath)];

    private static IEnumerable<string> FilesOf(string path) =>
        Directory.Exists(path) ? Sorted(path, "*")
        : Path.GetExtension(path) is ".hdr" or ".mhd"
            ? Sorted(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path) + ".*")
        : [path];

    private static IEnumerable<string> Sorted(string folder, string pattern) =>
        Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal);

    private static byte[] HashOf(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return SHA256.HashData(stream);
        }
        // Whatever is wrong with the file, reading it as a volume says so in better words.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // A cache that can't be written, on a full or foreign disk, must not stop a training that needs none.
    private void Keep(string path, PreparedCase prepared)
    {
        try
        {
            MakeRoom(PreparedEntry.SizeOf(prepared));
            if (PreparedEntry.SizeOf(prepared) <= budget)
                PreparedEntry.Write(path, prepared);
        }
        catch (Exception e)
            when (e is ProblemException or IOException or UnauthorizedAccessException) { }
    }

    private void MakeRoom(long bytes)
    {
        if (!Directory.Exists(folder))
            return;
        var entries = new DirectoryInfo(folder)
            .GetFiles("*" + Ending)
            .OrderBy(entry => entry.LastAccessTimeUtc)
            .ToList();
        var taken = entries.Sum(entry => entry.Length);
        foreach (var entry in entries.TakeWhile(_ => taken + bytes > budget))
        {
            taken -= entry.Length;
            entry.Delete();
        }
    }
}

using System.Globalization;
using System.Text.Json;
using KneeSeg.Data.Datasets;

namespace KneeSeg.Data.Preprocessing;

/// <summary>
/// A disk cache of preprocessed cases. An entry's name is a hash of everything it depends on: its files' bytes, the
/// preprocessing, and the version of this code. Entries are written atomically, damaged ones are recomputed, and the least
/// recently used are evicted, except those loaded through this instance. Several processes may share a folder.
/// </summary>
/// <param name="folder">The folder of the entries.</param>
/// <param name="budget">Their total size limit in bytes.</param>
public sealed class PreprocessedCache(string folder, long budget)
{
    // Increment when preprocessing gives other voxels or the file layout changes.
    private const int Version = 2;
    private const string Ending = ".prepared";
    private const long DefaultBudget = 20L << 30;

    private readonly HashSet<string> loaded = [];

    /// <summary>
    /// The folder <c>kneeseg</c> among the user's caches, or <c>KNEESEG_CACHE</c>; 20 GiB, or <c>KNEESEG_CACHE_GB</c>;
    /// null where that is 0.
    /// </summary>
    public static PreprocessedCache? Default
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

    /// <summary>A folder beside the entries, for small files that neither count nor are evicted.</summary>
    internal string Beside(string name) => Path.Combine(folder, name);

    /// <summary>The total size limit of the entries in bytes.</summary>
    public long Budget => budget;

    /// <summary>
    /// A case from the cache, or preprocessed and added to it. Its voxels are memory-mapped, unless the cache is full or can't
    /// be written, which is not an error.
    /// </summary>
    /// <inheritdoc cref="PreprocessedCase.Load"/>
    public PreprocessedCase Load(
        DatasetCase dataCase,
        LabelSchema profile,
        Preprocessor preprocessor,
        Action<string>? warn = null
    )
    {
        if (KeyOf(dataCase, profile, preprocessor) is not { } key)
            // Reading the volume gives a better error.
            return PreprocessedCase.Load(dataCase, profile, preprocessor, warn);
        var name = key + Ending;
        var path = Path.Combine(folder, name);
        loaded.Add(name);
        if (CacheEntry.Open(path, dataCase.Id, dataCase.Images.Count) is { } kept)
            return kept;
        var prepared = PreprocessedCase.Load(dataCase, profile, preprocessor, warn);
        return
            Keep(path, prepared)
            && CacheEntry.Open(path, dataCase.Id, dataCase.Images.Count, isVerified: true)
                is { } written
            ? written
            : prepared;
    }

    // Null where a file can't be read.
    private static string? KeyOf(
        DatasetCase dataCase,
        LabelSchema profile,
        Preprocessor preprocessor
    ) => CaseKey.Of(dataCase, profile, $"{Version}", JsonSerializer.Serialize(preprocessor));

    private bool Keep(string path, PreprocessedCase prepared)
    {
        try
        {
            if (!MakeRoom(CacheEntry.SizeOf(prepared)))
                return false;
            CacheEntry.Write(path, prepared);
            return true;
        }
        catch (Exception e)
            when (e is ProblemException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Also matches temporary files of killed processes, so that they are evicted too.
    private bool MakeRoom(long bytes)
    {
        var entries = Directory.Exists(folder)
            ? new DirectoryInfo(folder).GetFiles($"*{Ending}*")
            : [];
        var free = budget - entries.Sum(entry => entry.Length);
        var idle = entries.Where(entry => !loaded.Contains(entry.Name)).ToArray();
        if (free + idle.Sum(entry => entry.Length) < bytes)
            return false;
        foreach (var entry in idle.OrderBy(entry => entry.LastAccessTimeUtc))
        {
            if (free >= bytes)
                break;
            free += entry.Length;
            entry.Delete();
        }
        return true;
    }
}

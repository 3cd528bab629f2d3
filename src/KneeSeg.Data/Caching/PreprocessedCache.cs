using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// Prepared cases on disk, so that the next training on them begins at once. An entry's name is a hash of everything
/// that it follows from: the bytes of its files, the preparation, and the version of this code. Entries are written whole
/// or not at all, damaged ones are made again, and the ones longest unused go when there is no room, but never one that
/// this cache gave. Several processes may share a folder.
/// </summary>
/// <param name="folder">Where the entries are.</param>
/// <param name="budget">Bytes that they may take together.</param>
public sealed class PreprocessedCache(string folder, long budget)
{
    // Raise it when preparing gives other voxels than before, or the files are laid out otherwise.
    private const int Version = 2;
    private const string Ending = ".prepared";
    private const long DefaultBudget = 20L << 30;

    private readonly HashSet<string> given = [];

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

    /// <summary>
    /// A case from the cache, or prepared and put there. Its voxels stay in the file, unless the cache has no room for it
    /// or can't be written: a training that needs none must not stop for that.
    /// </summary>
    /// <inheritdoc cref="PreprocessedCase.Load"/>
    public PreprocessedCase Load(
        DatasetCase dataCase,
        LabelSchema profile,
        Preprocessor preparation,
        Action<string>? warn = null
    )
    {
        if (KeyOf(dataCase, profile, preparation) is not { } key)
            // Reading the volume says in better words what is wrong.
            return PreprocessedCase.Load(dataCase, profile, preparation, warn);
        var name = key + Ending;
        var path = Path.Combine(folder, name);
        given.Add(name);
        if (CacheEntry.Open(path, dataCase.Id) is { } kept)
            return kept;
        var prepared = PreprocessedCase.Load(dataCase, profile, preparation, warn);
        return Keep(path, prepared) && CacheEntry.Open(path, dataCase.Id) is { } written
            ? written
            : prepared;
    }

    // Null where a file can't be read.
    private static string? KeyOf(
        DatasetCase dataCase,
        LabelSchema profile,
        Preprocessor preparation
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] facts =
        [
            $"{Version}",
            JsonSerializer.Serialize(preparation),
            JsonSerializer.Serialize(dataCase.Spacing),
            $"{dataCase.Side}",
            .. profile.Labels,
            .. profile.Ignore is { } ignore ? [$"ignore {ignore}"] : (string[])[],
        ];
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', facts)));
        foreach (var path in (string[])[dataCase.Image, dataCase.LabelsPath])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(VolumeFile.FormatOf(path) ?? ""));
            if (ContentOf(path, dataCase.Spacing) is not { } content)
                return null;
            hash.AppendData(content);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[]? ContentOf(string path, ModelSpacing? spacing)
    {
        var (place, choice) = VolumePath.Of(path);
        var isFolder = Directory.Exists(place);
        try
        {
            byte[] content =
            [
                .. HashOf(
                    isFolder ? Directory.GetFiles(place, "*", SearchOption.AllDirectories) : [place]
                ),
                .. Encoding.UTF8.GetBytes(choice),
            ];
            return isFolder || IsWhole(place)
                ? content
                : [.. content, .. VolumeHash.Bytes(VolumeFile.ReadImage(path, spacing))];
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or ProblemException)
        {
            return null;
        }
    }

    // The other file of a pair, or of a header and its voxels, has a name that the path does not tell.
    private static bool IsWhole(string path) =>
        VolumeFile.FormatOf(path)
            is not (".hdr" or ".hdr.gz" or ".img" or ".img.gz" or ".mhd" or ".nhdr" or ".seg.nhdr");

    private static byte[] HashOf(string[] files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }
        return hash.GetHashAndReset();
    }

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

    // What a killed process was writing ends otherwise, and goes like an entry.
    private bool MakeRoom(long bytes)
    {
        var entries = Directory.Exists(folder)
            ? new DirectoryInfo(folder).GetFiles($"*{Ending}*")
            : [];
        var free = budget - entries.Sum(entry => entry.Length);
        var idle = entries.Where(entry => !given.Contains(entry.Name)).ToArray();
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

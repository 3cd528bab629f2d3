using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Data.Preprocessing;

/// <summary>Names what is computed of a case by everything that it depends on: the bytes of its files, and what their labels mean.</summary>
internal static class CaseKey
{
    /// <summary>The key; null where a file can't be read.</summary>
    /// <param name="dataCase">One with labels.</param>
    /// <param name="profile">The label map.</param>
    /// <param name="computation">What is computed, and the version of its code.</param>
    public static string? Of(
        DatasetCase dataCase,
        LabelSchema profile,
        params IReadOnlyList<string> computation
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] inputs =
        [
            .. computation,
            JsonSerializer.Serialize(dataCase.Spacing),
            $"{dataCase.Side}",
            .. profile.Labels,
            .. profile.Ignore is { } ignore ? [$"ignore {ignore}"] : (string[])[],
            .. dataCase.Source is { } source
                ? [JsonSerializer.Serialize(source with { Name = "" })]
                : (string[])[],
        ];
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', inputs)));
        foreach (var path in (string[])[.. dataCase.Images, dataCase.LabelsPath])
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
        var (source, choice) = VolumePath.Of(path);
        var isFolder = Directory.Exists(source);
        try
        {
            byte[] content =
            [
                .. HashOf(
                    isFolder
                        ? Directory.GetFiles(source, "*", SearchOption.AllDirectories)
                        : [source]
                ),
                .. Encoding.UTF8.GetBytes(choice),
            ];
            return isFolder || IsSingleFile(source)
                ? content
                : [.. content, .. VolumeHash.Bytes(VolumeFile.ReadImage(path, spacing))];
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or ProblemException)
        {
            return null;
        }
    }

    // The path does not name the other file of a pair or the data file of a header.
    private static bool IsSingleFile(string path) =>
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
}

namespace KneeSeg.Runs;

/// <summary>Hashes of a case's preprocessed volumes when a run began: the first 8 bytes of their SHA-256, in hexadecimal.</summary>
/// <param name="Image">Of the image.</param>
/// <param name="Labels">Of the labels.</param>
public sealed record CaseHashes(string Image, string Labels)
{
    private const int Bytes = 8;

    /// <summary>Of whole hashes.</summary>
    public static CaseHashes Of(byte[] image, byte[] labels) =>
        new(
            Convert.ToHexStringLower(image.AsSpan(0, Bytes)),
            Convert.ToHexStringLower(labels.AsSpan(0, Bytes))
        );
}

using KneeSeg.Dsl;
using KneeSeg.Torch;

namespace KneeSeg.Bench.Memory;

/// <summary>One piece of work whose memory is measured; it can be written as words for a process to read.</summary>
/// <param name="Spec">The network.</param>
/// <param name="Size">The image's, such as 32x64x64.</param>
/// <param name="Batch">Images at a time.</param>
/// <param name="Precision">What the network computes in.</param>
/// <param name="Work">What it does.</param>
internal sealed record MemoryCase(
    string Spec,
    string Size,
    int Batch,
    Precision Precision,
    Work Work
)
{
    /// <summary>The case in words.</summary>
    public string[] Words =>
        [Spec, Size, $"{Batch}", $"{Precision}".ToLowerInvariant(), $"{Work}".ToLowerInvariant()];

    /// <summary>Along each axis.</summary>
    public int[] Lengths => Array.ConvertAll(Size.Split('x'), int.Parse);

    /// <summary>The network, from one channel to seven classes.</summary>
    public Graph Graph => Networks.Load(Spec, channels: 1, classes: 7);

    /// <summary>Bytes of a number in a map.</summary>
    public int Width => Autocast.Width(Precision, TorchSharp.torch.CPU);

    /// <summary>The case that words say.</summary>
    public static MemoryCase Of(string[] words) =>
        new(
            words[0],
            words[1],
            int.Parse(words[2]),
            Enum.Parse<Precision>(words[3], ignoreCase: true),
            Enum.Parse<Work>(words[4], ignoreCase: true)
        );

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Words);
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;

namespace KneeSeg.Bench.Memory;

/// <summary>The peak that the language announces against the one that a step takes, each in a process of its own.</summary>
internal static class MemoryBench
{
    /// <summary>The word that makes this program such a process.</summary>
    public const string Child = "memory-of";

    private static readonly (string Spec, string Size)[] Measured =
    [
        ("segnet", "288x288"),
        ("unet", "288x288"),
        ("attention-unet", "288x288"),
        ("r2-unet", "144x144"),
        ("unet-plus-plus", "288x288"),
        ("multires-unet", "288x288"),
        ("tiramisu", "288x288"),
        ("deeplab-v3-plus-r50", "288x288"),
        ("unet3d", "64x64x64"),
        ("unet3d+small+relative", "64x96x96"),
        ("unet3d+small+gated", "64x96x96"),
        ("vnet", "64x64x64"),
        ("vnet+small+no-skips", "64x96x96"),
        ("large-vnet", "96x160x160"),
        ("unetr", "96x96x96"),
        ("mednext-s", "64x64x64"),
    ];

    private static IEnumerable<MemoryCase> Cases =>
        from network in Measured
        from batch in new[] { 2 }
        from precision in new[] { Precision.Fp32, Precision.Bf16 }
        from does in Enum.GetValues<Work>()
        select new MemoryCase(network.Spec, network.Size, batch, precision, does);

    /// <summary>Measures every case and prints a line each, or one JSON array; bytes, not seconds.</summary>
    /// <param name="only">Cases whose words contain this, such as a network or recompute; empty means all.</param>
    /// <param name="json">Prints <c>[{name, ours, peer, ratio}]</c>, ours what is announced, peer what was taken.</param>
    public static void Run(string only, bool json)
    {
        var ratios = new List<object>();
        foreach (var work in Cases.Where(work => work.ToString().Contains(only)))
        {
            var (announced, taken) = (Announced(work), Taken(work));
            var ratio = Math.Round((double)announced / taken, 3);
            ratios.Add(
                new
                {
                    name = work.ToString(),
                    ours = announced,
                    peer = taken,
                    ratio,
                }
            );
            if (!json)
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{work, -50} announced {announced / 1e6, 7:0.0} MB, taken {taken / 1e6, 7:0.0} MB, {ratio:0.00} of it"
                    )
                );
        }
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(ratios));
    }

    private static long Announced(MemoryCase work)
    {
        var peak = LibtorchMemory.Peak(work.Graph, work.Lengths, work.Batch, work.Width);
        return work.Work switch
        {
            Work.Predict => peak.Predict,
            Work.Train => peak.Train,
            _ => LibtorchMemory
                .Checkpointing(work.Graph, work.Lengths, work.Batch, work.Width)
                .Train,
        };
    }

    private static long Taken(MemoryCase work)
    {
        using var child = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [Child, .. work.Words])
            {
                RedirectStandardOutput = true,
            }
        )!;
        var answer = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return long.Parse(answer, CultureInfo.InvariantCulture);
    }
}

using System.Diagnostics;
using KneeSeg.Weights;

namespace KneeSeg.Bench;

/// <summary>Files of weights with bytes changed or cut off: each is read or refused, in bounded time and memory.</summary>
internal static class WeightsFuzz
{
    private const int Files = 100_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private const long Most = 200 << 20;

    /// <summary>False if a file took too long or too much. Any exception but a refusal ends the program.</summary>
    public static bool Run(string[] originals)
    {
        var random = new Random(1);
        var seeds = originals.Select(File.ReadAllBytes).ToArray();
        var path = Path.Combine(Path.GetTempPath(), $"kneeseg-fuzz-{Environment.ProcessId}.pth");
        var (read, longest, most) = (0, TimeSpan.Zero, 0L);
        for (var i = 0; i < Files; i++)
        {
            File.WriteAllBytes(path, Changed(seeds[i % seeds.Length], random));
            var (start, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
            read += IsRead(path) ? 1 : 0;
            longest = TimeSpan.FromTicks(
                Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(start).Ticks)
            );
            most = Math.Max(most, GC.GetTotalAllocatedBytes() - allocated);
        }
        File.Delete(path);
        Console.WriteLine(
            $"{Files} files: {read} read, {Files - read} refused; at most {longest.TotalMilliseconds:0} ms and {most / 1e6:0.0} MB each"
        );
        return longest < Longest && most < Most;
    }

    private static bool IsRead(string path)
    {
        try
        {
            using var file = WeightsFile.Open(path);
            foreach (var tensor in file.Tensors.Values.Where(tensor => tensor.IsFloat))
                _ = file.Read(tensor);
            return true;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    private static byte[] Changed(byte[] original, Random random)
    {
        byte[] bytes =
            random.Next(4) == 0 ? original[..random.Next(original.Length)] : [.. original];
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Length > 0; changes--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }
}

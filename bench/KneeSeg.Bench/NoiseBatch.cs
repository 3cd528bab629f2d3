using KneeSeg.Data.Patches;
using KneeSeg.Inference.Tiling;

namespace KneeSeg.Bench;

/// <summary>Patches of noise with labels of noise, where only the time or the memory of a step matters.</summary>
internal static class NoiseBatch
{
    /// <param name="patch">The size and kind of each.</param>
    /// <param name="count">How many.</param>
    /// <param name="classes">Labels, background included.</param>
    /// <param name="seed">Another gives other noise.</param>
    public static PatchBatch Of(ModelInput patch, int count, int classes, int seed = 1)
    {
        var random = new Random(seed);
        var voxels = count * (int)patch.Size.Count;
        var labeled = patch.Kind == PatchKind.Slab ? voxels / patch.Size.Depth : voxels;
        var images = new float[voxels];
        for (var i = 0; i < voxels; i++)
            images[i] = random.NextSingle();
        var labels = new byte[labeled];
        for (var i = 0; i < labeled; i++)
            labels[i] = (byte)random.Next(classes);
        string[] cases = [.. Enumerable.Repeat("noise", count)];
        return new(0, 0, cases, images, labels, new float[3 * count]);
    }
}

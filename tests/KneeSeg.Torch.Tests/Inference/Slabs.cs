using KneeSeg.Imaging.Resampling;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Slabs put together to whole maps.</summary>
internal static class Slabs
{
    public static float[][] Together(IEnumerable<SliceRange> slabs)
    {
        List<float>[]? maps = null;
        foreach (var slab in slabs)
        {
            maps ??= [.. slab.Maps.Select(_ => new List<float>())];
            for (var label = 0; label < maps.Length; label++)
                maps[label].AddRange(slab.Maps[label].Span);
        }
        return [.. maps!.Select(map => map.ToArray())];
    }
}

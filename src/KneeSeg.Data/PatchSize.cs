namespace KneeSeg.Data;

/// <summary>A size in voxels as people write it: depth, height and width, or only height and width for a 2D network.</summary>
public readonly record struct PatchSize(int? Depth, int Height, int Width)
{
    /// <summary>In this order.</summary>
    public int[] Lengths => Depth is { } depth ? [depth, Height, Width] : [Height, Width];

    /// <summary>Reads <c>48x96x96</c> or <c>96x96</c>; null for any other text.</summary>
    public static PatchSize? Parse(string text) =>
        Array.ConvertAll(text.Split('x', 'X'), part => int.TryParse(part, out var n) ? n : 0) switch
        {
            [> 0 and var depth, > 0 and var height, > 0 and var width] => new(depth, height, width),
            [> 0 and var height, > 0 and var width] => new(null, height, width),
            _ => null,
        };

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Join('x', Lengths);
}

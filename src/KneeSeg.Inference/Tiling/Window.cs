using KneeSeg.Data;

namespace KneeSeg.Inference.Tiling;

/// <summary>One window over a volume: a tile on each axis.</summary>
internal sealed record Window(Tile Depth, Tile Height, Tile Width)
{
    /// <summary>The input size.</summary>
    public ModelSize Size => new(Depth.Length, Height.Length, Width.Length);

    /// <summary>The patch position.</summary>
    public float[] Position => [Depth.Position, Height.Position, Width.Position];
}

using KneeSeg.Data;

namespace KneeSeg.Inference;

/// <summary>One window over a volume: a tile on each axis.</summary>
internal sealed record Window(Tile Depth, Tile Height, Tile Width)
{
    /// <summary>What the network sees.</summary>
    public ModelSize Size => new(Depth.Length, Height.Length, Width.Length);

    /// <summary>Where it is, as the network is told.</summary>
    public float[] Position => [Depth.Position, Height.Position, Width.Position];
}

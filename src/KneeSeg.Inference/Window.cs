namespace KneeSeg.Inference;

/// <summary>One window over a volume: a tile on each axis, and where it is as the network is told.</summary>
internal sealed record Window(Tile Depth, Tile Height, Tile Width, float[] Position);

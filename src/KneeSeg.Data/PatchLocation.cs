namespace KneeSeg.Data;

/// <summary>The location of a patch in its case, and how it is mirrored.</summary>
/// <param name="Depth">Its first slice; negative where the patch begins before the volume.</param>
/// <param name="Height">Its first row.</param>
/// <param name="Width">Its first column.</param>
/// <param name="MirrorDepth">Whether its depth runs backwards.</param>
/// <param name="MirrorHeight">Whether its height does.</param>
/// <param name="MirrorWidth">Whether its width does.</param>
public readonly record struct PatchLocation(
    int Depth,
    int Height,
    int Width,
    bool MirrorDepth = false,
    bool MirrorHeight = false,
    bool MirrorWidth = false
)
{
    /// <summary>
    /// The patch position, the auxiliary input of networks conditioned on it: along each axis 2·(start / most − ½), from −1 to
    /// 1, where <c>most</c> is the last valid start; 0 if the patch fills the axis. Mirrored axes have the mirrored position.
    /// </summary>
    /// <param name="patch">The patch's size.</param>
    /// <param name="volume">The case's size.</param>
    /// <param name="position">Receives depth, height and width.</param>
    public void Position(ModelSize patch, ModelSize volume, Span<float> position)
    {
        position[0] = Along(Depth, volume.Depth - patch.Depth, MirrorDepth);
        position[1] = Along(Height, volume.Height - patch.Height, MirrorHeight);
        position[2] = Along(Width, volume.Width - patch.Width, MirrorWidth);
    }

    private static float Along(int start, int most, bool mirror)
    {
        if (most <= 0)
            return 0;
        var position = 2 * ((float)start / most - .5f);
        return mirror ? -position : position;
    }
}

using System.Numerics;

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

    /// <summary>The patch position along one axis, for training and prediction.</summary>
    /// <param name="start">The patch's first voxel.</param>
    /// <param name="most">The last valid start.</param>
    /// <typeparam name="T">
    /// Training computes in float, prediction in double, which may differ in the last bit: what either gave stays as it is.
    /// </typeparam>
    public static T PositionAlong<T>(int start, int most)
        where T : IFloatingPoint<T> =>
        most <= 0
            ? T.Zero
            : T.CreateChecked(2)
                * (T.CreateChecked(start) / T.CreateChecked(most) - T.CreateChecked(0.5));

    private static float Along(int start, int most, bool mirror)
    {
        var position = PositionAlong<float>(start, most);
        return mirror && most > 0 ? -position : position;
    }
}

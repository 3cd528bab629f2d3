namespace KneeSeg.Imaging;

/// <summary>How many voxels along each axis of a file; the first is fastest in memory.</summary>
public readonly record struct Size3(int X, int Y, int Z)
{
    /// <summary>All voxels.</summary>
    public long Count => (long)X * Y * Z;

    /// <summary>Along one axis, 0 to 2.</summary>
    public int this[int axis] =>
        axis switch
        {
            0 => X,
            1 => Y,
            2 => Z,
            _ => throw new ArgumentOutOfRangeException(nameof(axis)),
        };

    /// <inheritdoc />
    public override string ToString() => $"{X}×{Y}×{Z}";
}

namespace KneeSeg.Imaging;

/// <summary>What is done where several channels of a file claim a voxel, which has one label.</summary>
public enum Overlaps
{
    /// <summary>The lowest channel's label is taken, with a warning.</summary>
    Lowest,

    /// <summary>The file is refused.</summary>
    Refused,
}

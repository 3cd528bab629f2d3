namespace KneeSeg.Imaging;

/// <summary>What places one DICOM file in its series.</summary>
/// <param name="Path">The file.</param>
/// <param name="Series">Its SeriesInstanceUID.</param>
/// <param name="Rows">Of the image.</param>
/// <param name="Columns">Of the image.</param>
/// <param name="Frames">Images in the file.</param>
/// <param name="Orientation">The six cosines of a row and a column, in LPS; empty when the file doesn't say.</param>
/// <param name="Position">Of the first voxel in LPS mm; empty when the file doesn't say.</param>
internal sealed record DicomSlice(
    string Path,
    string Series,
    int Rows,
    int Columns,
    int Frames,
    double[] Orientation,
    double[] Position
)
{
    /// <summary>Where the slice is along the normal of its plane, in mm.</summary>
    public double Depth
    {
        get
        {
            var row = new Point3(Orientation[0], Orientation[1], Orientation[2]);
            var column = new Point3(Orientation[3], Orientation[4], Orientation[5]);
            Point3 normal = new(
                row.Y * column.Z - row.Z * column.Y,
                row.Z * column.X - row.X * column.Z,
                row.X * column.Y - row.Y * column.X
            );
            return Point3.Dot(normal, new(Position[0], Position[1], Position[2]));
        }
    }

    /// <summary>Whether another slice has the same plane and shape.</summary>
    public bool IsParallelTo(DicomSlice other) =>
        (Rows, Columns) == (other.Rows, other.Columns)
        && Orientation.Zip(other.Orientation, (a, b) => Math.Abs(a - b)).All(d => d < 1e-3);
}

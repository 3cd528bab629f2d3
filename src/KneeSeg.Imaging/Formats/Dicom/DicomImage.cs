namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>One image of a DICOM file in space, in RAS mm.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Frame">Which image of its file, from 0.</param>
/// <param name="Values">Its elements, those that all frames of its file share among them.</param>
/// <param name="Size">Columns, rows, and one.</param>
/// <param name="Across">The step from a column to the next.</param>
/// <param name="Down">The step from a row to the next.</param>
/// <param name="Position">The position of the first voxel.</param>
internal sealed record DicomImage(
    DicomFile File,
    int Frame,
    DicomValues Values,
    Size3 Size,
    Point3 Across,
    Point3 Down,
    Point3 Position
)
{
    private const double Rounding = 1e-3;

    /// <summary>The unit normal of its plane.</summary>
    public Point3 Normal
    {
        get
        {
            var normal = Point3.Cross(Across, Down);
            return 1 / normal.Length * normal;
        }
    }

    /// <summary>Where it is along the normal of its plane, in mm.</summary>
    public double Depth => Point3.Dot(Normal, Position);

    /// <summary>The images of a file, in its order.</summary>
    /// <exception cref="ProblemException">Pixels are incomplete or have several channels, or a position is missing (exit 3).</exception>
    public static IReadOnlyList<DicomImage> In(DicomFile file)
    {
        file.CheckPixels();
        return FramesOf(file);
    }

    /// <summary>The images of a file, in its order, whatever pixels they have.</summary>
    /// <exception cref="ProblemException">A position is missing (exit 3).</exception>
    public static IReadOnlyList<DicomImage> FramesOf(DicomFile file)
    {
        var values = file.Elements.Values;
        var placed = Math.Max(1, file.Elements.Frames.Count);
        if (placed != file.Frames)
            throw file.Bad(
                $"it holds {file.Frames} images but the positions of {placed}",
                "Export the series again as enhanced MR or with a file for each slice"
            );
        var size = new Size3(
            (int)(values.Binary(DicomTag.Columns) ?? 0),
            (int)(values.Binary(DicomTag.Rows) ?? 0),
            1
        );
        return [.. Enumerable.Range(0, file.Frames).Select(frame => Of(file, frame, size))];
    }

    /// <summary>Reads an image's position.</summary>
    /// <exception cref="ProblemException">Position, orientation or spacing is missing or invalid (exit 3).</exception>
    private static DicomImage Of(DicomFile file, int frame, Size3 size)
    {
        var values = file.Elements.Frames is []
            ? file.Elements.Values
            : file.Elements.Frames[frame];
        var position = values.Numbers(DicomTag.Position);
        var orientation = values.Numbers(DicomTag.Orientation);
        if (orientation.Length != 6 || position.Length != 3)
            throw file.Bad(
                "it has no position and orientation",
                "Export the series again with ImagePositionPatient, or remove this file"
            );
        if (values.Numbers(DicomTag.PixelSpacing) is not [> 0 and var down, > 0 and var across])
            throw file.Bad(
                "it has no pixel spacing",
                "Export the series again with PixelSpacing, or remove this file"
            );
        var (row, column) = (Ras(orientation), Ras(orientation.AsSpan(3)));
        if (
            Math.Abs(row.Length - 1) > 0.01
            || Math.Abs(column.Length - 1) > 0.01
            || Math.Abs(Point3.Dot(row, column)) > 0.01
        )
            throw file.Bad(
                "its orientation is not two perpendicular directions",
                "Export the series again, or remove this file"
            );
        return new(file, frame, values, size, across * row, down * column, Ras(position));
    }

    /// <summary>Whether another image has the same plane, shape and pixels.</summary>
    public bool IsParallelTo(DicomImage other) =>
        Size == other.Size && IsNear(Across, other.Across) && IsNear(Down, other.Down);

    private static bool IsNear(Point3 a, Point3 b) => (a - b).Length <= Rounding * a.Length;

    // DICOM's axes run to the left, the back and the head.
    private static Point3 Ras(ReadOnlySpan<double> lps) => new(0 - lps[0], 0 - lps[1], lps[2]);
}

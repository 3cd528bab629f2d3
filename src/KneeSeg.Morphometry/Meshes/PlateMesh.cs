using KneeSeg.Imaging;

namespace KneeSeg.Morphometry.Meshes;

/// <summary>
/// The bone interface of a plate as a surface that faces the joint, in the space of its labels: a vertex for each cell.
/// </summary>
public static class PlateMesh
{
    /// <summary>A plate's surface, with the thickness in mm, the region's number and the area in mm² at each vertex.</summary>
    public static SurfaceMesh Of(Plate plate)
    {
        PlateCell[] cells = [.. plate.Cells.Where(cell => cell.Total > 0)];
        var vertices = cells.Index().ToDictionary(one => one.Item.Place, one => one.Index);
        List<Triangle> triangles = [];
        foreach (var (a, cell) in cells.Index())
        {
            var (column, row) = cell.Place;
            if (
                !vertices.TryGetValue((column + 1, row), out var b)
                || !vertices.TryGetValue((column + 1, row + 1), out var c)
                || !vertices.TryGetValue((column, row + 1), out var d)
            )
                continue;
            var side = Point3.Cross(
                cells[b].Position - cell.Position,
                cells[d].Position - cell.Position
            );
            if (Point3.Dot(side, cell.Normal) < 0)
                (b, d) = (d, b);
            triangles.Add(new(a, b, c));
            triangles.Add(new(a, c, d));
        }
        var back = plate.Motion.Inverse();
        return new(
            [.. cells.Select(cell => back.Apply(cell.Position))],
            [.. triangles],
            [
                new("thickness", [.. cells.Select(cell => (float)cell.Thickness)]),
                new("region", [.. cells.Select(cell => (float)RegionNumbers.Of(plate, cell))]),
                new("area", [.. cells.Select(cell => (float)cell.Total)]),
            ]
        );
    }
}

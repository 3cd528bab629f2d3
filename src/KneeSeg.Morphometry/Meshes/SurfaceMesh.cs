using KneeSeg.Imaging;

namespace KneeSeg.Morphometry.Meshes;

/// <summary>A surface of triangles.</summary>
/// <param name="Points">Its vertices in RAS+ mm.</param>
/// <param name="Triangles">Counterclockwise, seen from outside: for a bone's face, from the joint.</param>
/// <param name="Values">Values of its vertices; a viewer shows the first as colors.</param>
public sealed record SurfaceMesh(
    Point3[] Points,
    Triangle[] Triangles,
    IReadOnlyList<VertexValues> Values
);

/// <summary>The vertices of a triangle.</summary>
public readonly record struct Triangle(int A, int B, int C);

/// <summary>A value of each vertex.</summary>
/// <param name="Name">A word.</param>
/// <param name="Numbers">In the order of the vertices.</param>
public sealed record VertexValues(string Name, float[] Numbers);

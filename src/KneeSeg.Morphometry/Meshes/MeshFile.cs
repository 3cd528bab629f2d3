using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using KneeSeg.Imaging;

namespace KneeSeg.Morphometry.Meshes;

/// <summary>The file format of meshes.</summary>
public enum MeshFormat
{
    /// <summary>Legacy VTK, which 3D Slicer and ParaView load; binary, with the values of vertices.</summary>
    Vtk,

    /// <summary>PLY, which MeshLab loads; binary, with the values of vertices.</summary>
    Ply,

    /// <summary>STL, for printing; binary, without values.</summary>
    Stl,
}

/// <summary>
/// Meshes as files. Their coordinates are LPS in mm, and the file says so, because viewers take RAS for LPS where it does not.
/// </summary>
public static class MeshFile
{
    private const string Title = "KneeSeg SPACE=LPS";

    /// <summary>The extension of a format's files.</summary>
    public static string ExtensionOf(MeshFormat format) => $".{format}".ToLowerInvariant();

    /// <summary>Writes a mesh.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void Write(string path, SurfaceMesh mesh, MeshFormat format) =>
        AtomicFile.Write(
            path,
            stream =>
            {
                using var file = new BinaryWriter(stream, Encoding.ASCII, leaveOpen: true);
                switch (format)
                {
                    case MeshFormat.Vtk:
                        WriteVtk(file, mesh);
                        break;
                    case MeshFormat.Ply:
                        WritePly(file, mesh);
                        break;
                    default:
                        WriteStl(file, mesh);
                        break;
                }
            }
        );

    // Numbers are big-endian. A text has its length in its first byte, whose two highest bits say so.
    private static void WriteVtk(BinaryWriter file, SurfaceMesh mesh)
    {
        Text($"# vtk DataFile Version 3.0\n{Title}\nBINARY\nDATASET POLYDATA\n");
        Text("FIELD FieldData 1\nSPACE 1 1 string\n");
        file.Write((byte)(0xC0 | 3));
        Text("LPS\n");
        Text($"POINTS {mesh.Points.Length} float\n");
        foreach (var point in mesh.Points)
        {
            var at = Lps(point);
            Numbers(at.X, at.Y, at.Z);
        }
        Text($"\nPOLYGONS {mesh.Triangles.Length} {4 * mesh.Triangles.Length}\n");
        foreach (var triangle in mesh.Triangles)
        {
            Whole(3);
            Whole(triangle.A);
            Whole(triangle.B);
            Whole(triangle.C);
        }
        if (mesh.Values is not [])
            Text($"\nPOINT_DATA {mesh.Points.Length}");
        foreach (var values in mesh.Values)
        {
            Text($"\nSCALARS {values.Name} float 1\nLOOKUP_TABLE default\n");
            Numbers(values.Numbers);
        }
        Text("\n");

        void Text(string text) => file.Write(Encoding.ASCII.GetBytes(text));
        void Whole(int number) => file.Write(BinaryPrimitives.ReverseEndianness(number));
        void Numbers(params ReadOnlySpan<float> numbers)
        {
            foreach (var number in numbers)
                Whole(BitConverter.SingleToInt32Bits(number));
        }
    }

    private static void WritePly(BinaryWriter file, SurfaceMesh mesh)
    {
        var header = new StringBuilder("ply\nformat binary_little_endian 1.0\n")
            .Append(CultureInfo.InvariantCulture, $"comment {Title}\n")
            .Append(CultureInfo.InvariantCulture, $"element vertex {mesh.Points.Length}\n")
            .Append("property float x\nproperty float y\nproperty float z\n");
        foreach (var (n, values) in mesh.Values.Index())
            // MeshLab shows the value of this name.
            header.Append(
                CultureInfo.InvariantCulture,
                $"property float {(n == 0 ? "quality" : values.Name)}\n"
            );
        header
            .Append(CultureInfo.InvariantCulture, $"element face {mesh.Triangles.Length}\n")
            .Append("property list uchar int vertex_indices\nend_header\n");
        file.Write(Encoding.ASCII.GetBytes(header.ToString()));
        for (var n = 0; n < mesh.Points.Length; n++)
        {
            Write(file, Lps(mesh.Points[n]));
            foreach (var values in mesh.Values)
                file.Write(values.Numbers[n]);
        }
        foreach (var triangle in mesh.Triangles)
        {
            file.Write((byte)3);
            file.Write(triangle.A);
            file.Write(triangle.B);
            file.Write(triangle.C);
        }
    }

    private static void WriteStl(BinaryWriter file, SurfaceMesh mesh)
    {
        file.Write(Encoding.ASCII.GetBytes(Title.PadRight(80)));
        file.Write(mesh.Triangles.Length);
        foreach (var triangle in mesh.Triangles)
        {
            var a = Lps(mesh.Points[triangle.A]);
            var b = Lps(mesh.Points[triangle.B]);
            var c = Lps(mesh.Points[triangle.C]);
            var normal = Vector3.Cross(b - a, c - a);
            Write(file, normal == Vector3.Zero ? normal : Vector3.Normalize(normal));
            Write(file, a);
            Write(file, b);
            Write(file, c);
            file.Write((ushort)0);
        }
    }

    // A turn by 180°, which keeps what is counterclockwise.
    private static Vector3 Lps(Point3 point) =>
        new((float)-point.X, (float)-point.Y, (float)point.Z);

    private static void Write(BinaryWriter file, Vector3 vector)
    {
        file.Write(vector.X);
        file.Write(vector.Y);
        file.Write(vector.Z);
    }
}

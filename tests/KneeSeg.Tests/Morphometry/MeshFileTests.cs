using System.Buffers.Binary;
using System.Text;
using KneeSeg.Imaging;
using KneeSeg.Morphometry.Meshes;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Morphometry;

/// <summary>The bytes of mesh files, by the formats' descriptions.</summary>
public sealed class MeshFileTests : IDisposable
{
    private static readonly SurfaceMesh Mesh = new(
        [new(1, 2, 3), new(2, 2, 3), new(1, 4, 3), new(2, 4, 3)],
        [new(0, 1, 2), new(2, 1, 3)],
        [new("thickness", [1.5f, 0, 2, 2.5f]), new("region", [1, 1, 2, 2])]
    );

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Vtk_has_big_endian_numbers_and_says_that_it_is_LPS()
    {
        var bytes = Written(MeshFormat.Vtk);
        var text = Encoding.Latin1.GetString(bytes);
        Assert.StartsWith(
            "# vtk DataFile Version 3.0\nKneeSeg SPACE=LPS\nBINARY\nDATASET POLYDATA\n",
            text
        );
        // A text of three letters.
        Assert.Contains("FIELD FieldData 1\nSPACE 1 1 string\n\u00c3LPS\n", text);
        Assert.Equal([-1, -2, 3, -2], Floats(After("POINTS 4 float\n"), 4));
        Assert.Equal([3, 0, 1, 2, 3, 2, 1, 3], Whole(After("\nPOLYGONS 2 8\n"), 8));
        Assert.Equal(
            [1.5f, 0, 2, 2.5f],
            Floats(After("\nPOINT_DATA 4\nSCALARS thickness float 1\nLOOKUP_TABLE default\n"), 4)
        );
        Assert.Equal(
            [1, 1, 2, 2],
            Floats(After("\nSCALARS region float 1\nLOOKUP_TABLE default\n"), 4)
        );

        byte[] After(string header) =>
            bytes[(text.IndexOf(header, StringComparison.Ordinal) + header.Length)..];
        static int[] Whole(byte[] from, int count) =>
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(n => BinaryPrimitives.ReadInt32BigEndian(from.AsSpan(4 * n))),
            ];
        static float[] Floats(byte[] from, int count) =>
            [.. Whole(from, count).Select(BitConverter.Int32BitsToSingle)];
    }

    [Fact]
    public void Ply_has_the_first_value_as_quality()
    {
        const string header = """
            ply
            format binary_little_endian 1.0
            comment KneeSeg SPACE=LPS
            element vertex 4
            property float x
            property float y
            property float z
            property float quality
            property float region
            element face 2
            property list uchar int vertex_indices
            end_header

            """;
        var bytes = Written(MeshFormat.Ply);
        Assert.Equal(header, Encoding.ASCII.GetString(bytes, 0, header.Length));
        Assert.Equal(header.Length + 4 * 20 + 2 * 13, bytes.Length);
        Assert.Equal(-1, BitConverter.ToSingle(bytes, header.Length));
        Assert.Equal(1.5f, BitConverter.ToSingle(bytes, header.Length + 12));
        Assert.Equal(3, bytes[header.Length + 80]);
        Assert.Equal(2, BitConverter.ToInt32(bytes, header.Length + 89));
    }

    [Fact]
    public void Stl_has_fifty_bytes_a_triangle_with_its_normal()
    {
        var bytes = Written(MeshFormat.Stl);
        Assert.Equal(84 + 50 * 2, bytes.Length);
        Assert.StartsWith("KneeSeg SPACE=LPS", Encoding.ASCII.GetString(bytes));
        Assert.Equal(2, BitConverter.ToInt32(bytes, 80));
        float[] numbers =
        [
            .. Enumerable.Range(0, 12).Select(n => BitConverter.ToSingle(bytes, 84 + 4 * n)),
        ];
        Assert.Equal([0, 0, 1, -1, -2, 3, -2, -2, 3, -1, -4, 3], numbers);
    }

    private byte[] Written(MeshFormat format)
    {
        var path = folder[$"mesh{MeshFile.ExtensionOf(format)}"];
        MeshFile.Write(path, Mesh, format);
        return File.ReadAllBytes(path);
    }
}

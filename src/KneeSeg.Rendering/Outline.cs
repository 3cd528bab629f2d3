using System.Globalization;
using System.Text;

namespace KneeSeg.Rendering;

/// <summary>
/// The outline of a label in a slice as an SVG path along the edges of its pixels: exact, small, and sharp at any
/// size.
/// </summary>
public static class Outline
{
    // Clockwise on screen, so that a right turn is the next one: east, south, west, north.
    private static readonly (int X, int Y, char Command)[] Directions =
    [
        (1, 0, 'h'),
        (0, 1, 'v'),
        (-1, 0, 'h'),
        (0, -1, 'v'),
    ];

    /// <summary>The path, in pixels from the slice's top left corner; empty where the label is not in the slice.</summary>
    public static string Path(Slice<byte> labels, int label)
    {
        var edges = Edges(labels, label);
        var columns = labels.Width + 1;
        var path = new StringBuilder();
        for (var corner = 0; corner < edges.Length; corner++)
            while (edges[corner] != 0)
                Walk(edges, columns, corner, path);
        return path.ToString();
    }

    // For each corner of the pixel grid a bit for each direction in which an edge leaves it, the label on its right.
    private static byte[] Edges(Slice<byte> labels, int label)
    {
        var (width, height) = (labels.Width, labels.Height);
        var columns = width + 1;
        var edges = new byte[columns * (height + 1)];
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            if (!Inside(x, y))
                continue;
            var corner = x + columns * y;
            if (!Inside(x, y - 1))
                edges[corner] |= 1;
            if (!Inside(x + 1, y))
                edges[corner + 1] |= 2;
            if (!Inside(x, y + 1))
                edges[corner + columns + 1] |= 4;
            if (!Inside(x - 1, y))
                edges[corner + columns] |= 8;
        }
        return edges;

        bool Inside(int x, int y) =>
            (uint)x < (uint)width
            && (uint)y < (uint)height
            && labels.Pixels[x + width * y] == label;
    }

    // Follows edges from a corner until it comes back, taking each edge away.
    private static void Walk(byte[] edges, int columns, int start, StringBuilder path)
    {
        path.Append(CultureInfo.InvariantCulture, $"M{start % columns} {start / columns}");
        var (corner, heading) = (start, 0);
        do
        {
            var turn = Leaving(edges[corner], heading);
            var (x, y, command) = Directions[turn];
            var length = 0;
            do
            {
                edges[corner] &= (byte)~(1 << turn);
                corner += x + columns * y;
                length++;
            } while (edges[corner] == 1 << turn);
            path.Append(command).Append((x + y) * length);
            heading = turn;
        } while (corner != start);
        path.Append('z');
    }

    // A right turn first: pixels that touch by a corner only get outlines of their own.
    private static int Leaving(byte directions, int heading)
    {
        foreach (var turn in (ReadOnlySpan<int>)[1, 0, 3])
            if ((directions & (1 << ((heading + turn) & 3))) != 0)
                return (heading + turn) & 3;
        return (heading + 2) & 3;
    }
}

using System.Numerics;
using KneeSeg.Imaging;

namespace KneeSeg.Reports;

/// <summary>Truth beside prediction as solid bodies in their true proportions, from the front above and from behind below.</summary>
public static class VoxelPicture
{
    private const int Wide = 360;
    private const int Tallest = 420;
    private const int Gap = 6;

    private static readonly (string Name, VoxelView View)[] Views =
    [
        ("from the front", new(turn: 28, raise: 24)),
        ("from behind", new(turn: 205, raise: -14)),
    ];

    /// <summary>Draws a case; the same scale for all four.</summary>
    /// <param name="reference">The expert's labels.</param>
    /// <param name="prediction">The network's, on the same grid.</param>
    public static Raster Draw(Volume<byte> reference, Volume<byte> prediction)
    {
        var truth = Orientation.ToModel(reference);
        var found = Orientation.ToModel(prediction);
        var (first, size) = Tissue(truth, found);
        VoxelScene[] scenes = [new(truth, first, size), new(found, first, size)];
        var extent = scenes[0].Extent;
        var seen = Views.Select(view => view.View.Seen(extent)).ToArray();
        var millimetres = Math.Max(seen.Max(box => box.X) / Wide, seen.Max(box => box.Y) / Tallest);
        int[] heights = [.. seen.Select(box => (int)MathF.Ceiling(box.Y / millimetres))];

        const int line = Raster.TextHeight + Gap;
        var picture = Raster.Plain(
            2 * Wide + Gap,
            line + heights.Sum(height => line + height),
            Palette.Ground
        );
        picture.Write("truth", Gap, Gap, Palette.Ink);
        picture.Write("prediction", Wide + 2 * Gap, Gap, Palette.Ink);
        var top = line;
        foreach (var ((name, view), height) in Views.Zip(heights))
        {
            picture.Write(name, Gap, top + Gap, Palette.Ink);
            foreach (var (i, scene) in scenes.Index())
                picture.Paint(
                    view.Draw(scene, Wide, height, millimetres),
                    i * (Wide + Gap),
                    top + line
                );
            top += line + height;
        }
        return picture;
    }

    // The smallest box of voxels with the tissue of both; all where there is none.
    private static (Size3 First, Size3 Size) Tissue(Volume<byte> truth, Volume<byte> found)
    {
        var all = truth.Grid.Size;
        var (low, high) = (new Vector3(int.MaxValue), new Vector3(-1));
        for (var (z, at) = (0, 0); z < all.Z; z++)
        for (var y = 0; y < all.Y; y++)
        for (var x = 0; x < all.X; x++, at++)
            if ((truth.Voxels[at] | found.Voxels[at]) != 0)
            {
                low = Vector3.Min(low, new(x, y, z));
                high = Vector3.Max(high, new(x, y, z));
            }
        if (high.X < 0)
            return (new(0, 0, 0), all);
        var size = high - low + Vector3.One;
        return (
            new((int)low.X, (int)low.Y, (int)low.Z),
            new((int)size.X, (int)size.Y, (int)size.Z)
        );
    }
}

using KneeSeg.Dsl;

namespace KneeSeg.Bench;

/// <summary>Sizes that are alike for networks that take different ones.</summary>
internal static class BenchSize
{
    /// <summary>At least so many voxels along each axis, and so many of the coarsest map; slices and images as the network has them.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="volume">The least of 3D networks.</param>
    /// <param name="image">The least of 2D networks.</param>
    /// <param name="coarsest">Voxels of the coarsest map along each axis.</param>
    public static int[] Of(Graph graph, int volume, int image, int coarsest = 1)
    {
        var least = graph.Axes == 2 ? image : volume;
        int[] size =
        [
            .. graph.Multiple.Select(multiple =>
                Math.Max(coarsest, (least + multiple - 1) / multiple) * multiple
            ),
        ];
        if (graph.Slices != 0)
            size[0] = graph.Slices;
        else if (graph.Nodes[graph.Output].Shape.Stride[0] == 0)
            size[0] = graph.Multiple[0];
        return size;
    }
}

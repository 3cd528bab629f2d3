using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Dsl;

namespace KneeSeg.Inference.Tiling;

/// <summary>A network's input patch and which voxels of it are predicted, the same for training and prediction.</summary>
/// <param name="Kind">Which voxels of a patch it predicts.</param>
/// <param name="Size">The patch size; 2D networks have a depth of 1.</param>
public sealed record ModelInput(PatchKind Kind, ModelSize Size)
{
    /// <summary>The size along the network's own axes: height and width, or depth, height and width.</summary>
    public int[] Lengths =>
        Kind == PatchKind.Slice ? [Size.Height, Size.Width] : [Size.Depth, Size.Height, Size.Width];

    /// <summary>The model input of a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="size">Depth, height, width; or height, width for a 2D network.</param>
    public static ModelInput Of(Graph graph, IReadOnlyList<int> size) =>
        graph.Axes == 2
            ? new(PatchKind.Slice, new(1, size[^2], size[^1]))
            : new(
                // Depth collapsed to one voxel: the middle slice, with neighbors as context.
                graph.Nodes[graph.Output].Shape.Stride[0] == 0
                    ? PatchKind.Slab
                    : PatchKind.Volume,
                new(size[0], size[1], size[2])
            );
}

using KneeSeg.Data;
using KneeSeg.Dsl;

namespace KneeSeg.Inference;

/// <summary>What a network sees and labels at a time, in training and in prediction alike.</summary>
/// <param name="Kind">What of a patch it labels.</param>
/// <param name="Size">The patch; a network of two axes has a depth of 1.</param>
public sealed record ModelInput(PatchKind Kind, ModelSize Size)
{
    /// <summary>The size along the network's own axes: height and width, or depth, height and width.</summary>
    public int[] Lengths =>
        Kind == PatchKind.Slice ? [Size.Height, Size.Width] : [Size.Depth, Size.Height, Size.Width];

    /// <summary>The patch of a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="size">Depth, height, width; or height, width for a network of two axes.</param>
    public static ModelInput Of(Graph graph, IReadOnlyList<int> size) =>
        graph.Axes == 2
            ? new(PatchKind.Slice, new(1, size[^2], size[^1]))
            : new(
                // Depth collapsed to one voxel: the slice in the middle of its neighbors.
                graph.Nodes[graph.Output].Shape.Stride[0] == 0
                    ? PatchKind.Slab
                    : PatchKind.Volume,
                new(size[0], size[1], size[2])
            );
}

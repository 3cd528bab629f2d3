using KneeSeg.Dsl;

namespace KneeSeg.Experiments.Planning;

/// <summary>A member of the family that plans choose from.</summary>
/// <param name="Block">What its levels repeat.</param>
/// <param name="IsCoarse">
/// Whether convolutions begin at the second resolution: the first has a decoder of few channels only, which sees the image through
/// its skip connection.
/// </param>
/// <param name="Width">Channels of the first level with an encoder; each further one has twice as many.</param>
internal sealed record UNetChoice(UNetBlock Block, bool IsCoarse, int Width);

/// <summary>Makes the members of the family for data of a spacing and patches of a size.</summary>
internal static class UNetFamily
{
    // As nnU-Net: beyond it, width costs much and brings little.
    private const int MostWidth = 320;

    private const int MostResolutions = 6;

    // Convolutions over fewer voxels see mostly padding.
    private const int LeastMap = 4;

    // Axes whose voxels are so much longer than the shortest are left alone.
    private const double Anisotropic = 2;

    private const int LeastDecoder = 8;

    // With so many resolutions, gradients reach the coarse ones better through heads of their own.
    private const int Supervised = 5;

    /// <summary>
    /// How often a network halves its patches: until the receptive field spans them, as long as they can be halved. It is the same
    /// for all widths; 0 where there is no such network.
    /// </summary>
    /// <param name="choice">Which member.</param>
    /// <param name="spacing">Of the voxels, in mm along depth, height and width.</param>
    /// <param name="patch">About the size of patches, in voxels.</param>
    public static int Steps(UNetChoice choice, double[] spacing, int[] patch)
    {
        var most = Strides(spacing, patch).Count;
        var fewest = choice.IsCoarse ? 2 : 1;
        if (most < fewest)
            return 0;
        for (var steps = fewest; steps < most; steps++)
            if (Spans(Plan(choice, spacing, patch, steps), patch))
                return steps;
        return most;
    }

    /// <summary>A network.</summary>
    /// <param name="choice">Which member.</param>
    /// <param name="spacing">Of the voxels, in mm along depth, height and width.</param>
    /// <param name="patch">About the size of patches, in voxels.</param>
    /// <param name="steps">How often it halves them.</param>
    public static UNetPlan Plan(UNetChoice choice, double[] spacing, int[] patch, int steps)
    {
        var voxel = (double[])[.. spacing];
        var first = choice.IsCoarse ? 1 : 0;
        List<UNetLevel> levels = [];
        foreach (var (i, stride) in Strides(spacing, patch).Take(steps).Index())
        {
            // One block where feature maps are largest, two below.
            var blocks = i <= first ? 1 : 2;
            levels.Add(
                UNetLevel.Create(
                    i < first ? 0 : blocks,
                    blocks,
                    Kernel(voxel),
                    i < first ? Math.Max(LeastDecoder, choice.Width / 2) : Width(choice, i - first),
                    stride
                )
            );
            for (var axis = 0; axis < 3; axis++)
                voxel[axis] *= stride[axis];
        }
        return UNetPlan.Create(
            "planned",
            choice.Block,
            [.. levels],
            Kernel(voxel),
            Width(choice, steps - first),
            steps + 1 >= Supervised
        );
    }

    /// <summary>The steps from resolution to resolution that a patch allows.</summary>
    private static List<int[]> Strides(double[] spacing, int[] patch)
    {
        List<int[]> strides = [];
        var (voxel, left) = ((double[])[.. spacing], (int[])[.. patch]);
        while (strides.Count < MostResolutions - 1)
        {
            int[] stride =
            [
                .. voxel.Zip(
                    left,
                    (mm, length) => mm < Anisotropic * voxel.Min() && length / 2 >= LeastMap ? 2 : 1
                ),
            ];
            // Only the short axes can make voxels more alike.
            if (stride.All(step => step == 1))
                break;
            strides.Add(stride);
            for (var axis = 0; axis < 3; axis++)
                (voxel[axis], left[axis]) = (voxel[axis] * stride[axis], left[axis] / stride[axis]);
        }
        return strides;
    }

    private static int Width(UNetChoice choice, int depth) =>
        Math.Min(MostWidth, choice.Width << depth);

    private static int[] Kernel(double[] voxel) =>
        [.. voxel.Select(mm => mm < Anisotropic * voxel.Min() ? 3 : 1)];

    private static bool Spans(UNetPlan plan, int[] patch)
    {
        var graph = Networks.Elaborate(Networks.OfPlan(plan), 1, 2);
        var size = Fitted(graph, patch, patch);
        return Networks.Cost(graph, size).ReceptiveField.Zip(size, (a, b) => a >= b).All(x => x);
    }

    /// <summary>The nearest size that a network takes, where possible within a volume.</summary>
    public static int[] Fitted(Graph graph, int[] size, int[] volume) =>
        [
            .. Enumerable
                .Range(0, 3)
                .Select(axis =>
                {
                    var step = graph.Multiple[axis];
                    var nearest = (int)Math.Round((double)size[axis] / step);
                    return Math.Max(1, Math.Min(nearest, volume[axis] / step)) * step;
                }),
        ];
}

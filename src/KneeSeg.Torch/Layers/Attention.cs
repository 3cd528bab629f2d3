using KneeSeg.Dsl;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// Scaled dot-product attention of queries, keys and values, <c>[N, 3C, (D,) H, W]</c>, between all voxels of a map
/// (Vaswani et al. 2017).
/// </summary>
internal sealed class Attention(AttentionOp op) : NetworkModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var voxels = ChannelsLast.Voxels(arguments[0]);
        var result = Between(voxels.flatten(1, -2), op, mask: null);
        return ChannelsLast
            .Map(result.reshape([.. voxels.shape[..^1], op.Channels]))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Attention between the rows of each set.</summary>
    /// <param name="rows">The queries, keys and values of each, <c>[sets, rows, 3C]</c>.</param>
    /// <param name="op">Its heads and channels.</param>
    /// <param name="mask">What is added to the scores, <c>[sets, heads, rows, rows]</c>; null for nothing.</param>
    /// <returns><c>[sets, rows, C]</c>.</returns>
    public static Tensor Between(Tensor rows, AttentionOp op, Tensor? mask)
    {
        var parts = rows.unflatten(2, [3, op.Heads, op.Channels / op.Heads])
            .permute(2, 0, 3, 1, 4)
            .unbind(0);
        return nn
            .functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], mask)
            .transpose(1, 2)
            .flatten(2);
    }
}

/// <summary>
/// Attention inside windows, in which voxels also differ by a learned bias for their relative position (Liu et al. 2021).
/// Windows at the end of the map are filled up with zeros before the queries, keys and values get their bias.
/// </summary>
internal sealed class WindowAttention : NetworkModule
{
    /// <summary>Added to the scores of voxels that are no neighbors, as in the authors' code.</summary>
    private const double Apart = -100;

    private readonly Parameter bias;
    private readonly Parameter relative_position_bias_table;
    private readonly AttentionOp op;

    public WindowAttention(AttentionOp op, WeightInitialization weights)
    {
        this.op = op;
        var positions = op.Window.Aggregate(1L, (all, length) => all * (2 * length - 1));
        bias = weights.Filled(0, 3 * op.Channels);
        relative_position_bias_table = weights.Normal(0.02, positions, op.Heads);
        register_parameter(nameof(bias), bias);
        register_parameter(nameof(relative_position_bias_table), relative_position_bias_table);
    }

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var grid = new WindowGrid(arguments[0].shape[2..], op);
        var windows = grid.Split(ChannelsLast.Voxels(arguments[0])) + pass.Cast(bias)!;
        var relative = relative_position_bias_table
            .index_select(0, tensor(grid.RelativePositions(), device: windows.device))
            .unflatten(0, [grid.Voxels, grid.Voxels])
            .permute(2, 0, 1);
        return ChannelsLast.Map(grid.Join(Attended(windows, 0, 0))).MoveToOuterDisposeScope();

        // The last windows of a shifted axis, which also hold the beginning of the map, have scores of their own.
        Tensor Attended(Tensor some, int axis, int wrapped)
        {
            if (axis == grid.Axes)
                return Attention
                    .Between(some.flatten(0, -3), op, Added(wrapped))
                    .reshape([.. some.shape[..^1], op.Channels]);
            if (!grid.IsShifted(axis))
                return Attended(some, axis + 1, wrapped);
            var others = some.shape[axis + 1] - 1;
            return cat(
                [
                    Attended(some.narrow(axis + 1, 0, others), axis + 1, wrapped),
                    Attended(some.narrow(axis + 1, others, 1), axis + 1, wrapped | 1 << axis),
                ],
                axis + 1
            );
        }

        Tensor Added(int wrapped)
        {
            var sides = tensor(grid.Sides(wrapped), device: windows.device);
            var apart = sides.unsqueeze(0) != sides.unsqueeze(1);
            return pass.Cast(relative + apart * Apart)!.unsqueeze(0);
        }
    }
}

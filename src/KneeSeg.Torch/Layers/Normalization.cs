using KneeSeg.Dsl;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>A normalization's optional learned factor (gamma, initially 1) and offset (beta, initially 0).</summary>
internal abstract class Normalization : NetworkModule
{
    private readonly Parameter? weight;
    private readonly Parameter? bias;

    protected Normalization(NormOp op, WeightInitialization weights)
    {
        Op = op;
        if (op.Gamma)
            register_parameter(nameof(weight), weight = weights.Filled(1, op.Channels));
        if (op.Beta)
            register_parameter(nameof(bias), bias = weights.Filled(0, op.Channels));
    }

    public NormOp Op { get; }

    public Parameter? Gamma => weight;

    public Parameter? Beta => bias;
}

/// <summary>
/// Batch normalization: (x − mean) / std per channel, of the batch in training, of the running statistics when predicting
/// (Ioffe and Szegedy 2015). Statistics are float32 at any precision.
/// </summary>
internal sealed class BatchNormalization : Normalization
{
    private readonly Tensor running_mean;
    private readonly Tensor running_var;

    public BatchNormalization(NormOp op, WeightInitialization weights)
        : base(op, weights)
    {
        running_mean = weights.Statistic(0, op.Channels);
        running_var = weights.Statistic(1, op.Channels);
        register_buffer(nameof(running_mean), running_mean);
        register_buffer(nameof(running_var), running_var);
    }

    /// <summary>The scale and offset per channel that it amounts to with running statistics; float32.</summary>
    public (Tensor Factor, Tensor Addend) Affine()
    {
        var factor = (running_var + Op.Epsilon).rsqrt();
        if (Gamma is not null)
            factor *= Gamma;
        var addend = -running_mean * factor;
        return (factor, Beta is null ? addend : addend + Beta);
    }

    /// <summary>The running mean and variance.</summary>
    public (Tensor Mean, Tensor Variance) Running => (running_mean, running_var);

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        var (mean, variance) = Updated(pass);
        return nn.functional.batch_norm(
            arguments[0],
            mean,
            variance,
            Gamma,
            Beta,
            pass.Training,
            MomentumIn(pass),
            Op.Epsilon
        );
    }

    /// <summary>Statistics of zero for a part of a batch.</summary>
    public PartStatistics.Updates NoUpdates() =>
        new(
            zeros_like(running_mean).DetachFromDisposeScope(),
            zeros_like(running_var).DetachFromDisposeScope()
        );

    /// <summary>How many numbers <see cref="Apply"/> takes of each part.</summary>
    public int PartLength => 1 + 2 * Op.Channels;

    /// <summary>Updates the running statistics by what parts did, one after another, rounded once.</summary>
    /// <param name="parts">See <see cref="PartStatistics.Values"/>.</param>
    public void Apply(IReadOnlyList<ArraySegment<double>> parts)
    {
        Update(running_mean, 1);
        Update(running_var, 1 + Op.Channels);

        void Update(Tensor running, int at)
        {
            var values = PartStatistics.Floats(running).ToArray();
            foreach (var part in parts)
            {
                var kept = Math.Pow(1 - Op.Momentum, part[0]);
                for (var i = 0; i < values.Length; i++)
                    values[i] = kept * values[i] + part[at + i];
            }
            using var updated = tensor(Array.ConvertAll(values, one => (float)one));
            running.copy_(updated);
        }
    }

    /// <summary>Moves the running statistics towards those of a batch.</summary>
    /// <param name="means">By channel.</param>
    /// <param name="variances">By channel, unbiased.</param>
    /// <param name="pass">The pass that computed them.</param>
    public void Observe(float[] means, float[] variances, ForwardContext pass)
    {
        var (mean, variance) = Updated(pass);
        var momentum = MomentumIn(pass);
        Move(mean, means);
        Move(variance, variances);

        // Past autograd, as libtorch's own batch norm does: a shared norm's other use may have saved the statistics.
        void Move(Tensor running, float[] batch)
        {
            using var numbers = running.data<float>();
            for (var i = 0; i < batch.Length; i++)
                numbers[i] = (float)((1 - momentum) * numbers[i] + momentum * batch[i]);
        }
    }

    // Running statistics were updated in the first pass.
    private double MomentumIn(ForwardContext pass) => pass.IsRepeated ? 0 : Op.Momentum;

    // Of a part of a batch, its own.
    private (Tensor Mean, Tensor Variance) Updated(ForwardContext pass) =>
        pass is { IsRepeated: false, Statistics: { } part }
            ? part.Next(this)
            : (running_mean, running_var);
}

/// <summary>A layer that can fold a following batch norm into its weights.</summary>
internal interface IFoldable
{
    /// <summary>One layer equivalent to this one followed by the norm, in prediction.</summary>
    NetworkModule FoldedWith(BatchNormalization norm);
}

/// <summary>Group normalization: (x − mean) / std over each group of channels of each image (Wu and He 2018).</summary>
internal sealed class GroupNormalization(NormOp op, int groups, WeightInitialization weights)
    : Normalization(op, weights)
{
    // In libtorch 2.10 the gradient of beta without gamma reads the missing gamma.
    private readonly Tensor? ones = op.Gamma ? null : weights.Statistic(1, op.Channels);

    public int Groups => groups;

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var map = WithGradient(arguments[0]);
        using var gamma = pass.Cast(Gamma ?? ones);
        using var beta = pass.Cast(Beta);
        return nn.functional.group_norm(map, groups, gamma, beta, Op.Epsilon);
    }

    // It also writes the input's gradient even if the input does not require one.
    private static Tensor WithGradient(Tensor map) =>
        !is_grad_enabled() || map.requires_grad ? map.alias() : map.detach().requires_grad_();
}

/// <summary>Instance normalization: (x − mean) / std per channel of each image (Ulyanov et al. 2016).</summary>
internal sealed class InstanceNormalization(NormOp op, WeightInitialization weights)
    : Normalization(op, weights)
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass) =>
        nn.functional.instance_norm(arguments[0], weight: Gamma, bias: Beta, eps: Op.Epsilon);
}

/// <summary>Layer normalization: (x − mean) / std over the channels of each voxel (Ba et al. 2016).</summary>
internal sealed class ChannelLayerNormalization(NormOp op, WeightInitialization weights)
    : Normalization(op, weights)
{
    // In libtorch 2.10 the gradient of beta without gamma reads the missing gamma.
    private readonly Tensor? ones = op.Gamma ? null : weights.Statistic(1, op.Channels);

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var gamma = pass.Cast(Gamma ?? ones);
        using var beta = pass.Cast(Beta);
        return OverChannels.Of(
            arguments[0],
            voxels => nn.functional.layer_norm(voxels, [Op.Channels], gamma, beta, Op.Epsilon)
        );
    }
}

/// <summary>
/// Global response normalization: x·(1 + gamma·g / mean(g)) + beta, where g is the length of each channel over all voxels
/// of an image; gamma and beta are initially 0 (Woo et al. 2023).
/// </summary>
internal sealed class GlobalResponseNormalization : NetworkModule
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly double epsilon;

    public GlobalResponseNormalization(int channels, double epsilon, WeightInitialization weights)
    {
        this.epsilon = epsilon;
        register_parameter(nameof(weight), weight = weights.Filled(0, channels));
        register_parameter(nameof(bias), bias = weights.Filled(0, channels));
    }

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var map = arguments[0];
        long[] space = [.. Enumerable.Range(2, (int)map.dim() - 2)];
        long[] perChannel = [1, -1, .. space.Select(_ => 1L)];
        var response = linalg.vector_norm(map, 2, space, keepdim: true).to(ScalarType.Float32);
        var share = response / (response.mean([1], keepdim: true) + epsilon);
        var factor = ForwardContext.Cast(1 + weight.reshape(perChannel) * share, pass.Type);
        var offset = pass.Cast(bias)!.reshape(perChannel);
        return addcmul(offset, map, factor, 1).MoveToOuterDisposeScope();
    }
}

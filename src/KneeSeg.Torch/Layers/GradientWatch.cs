using System.Runtime.ExceptionServices;
using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// Tells during a backward pass which gradients are complete. A value that is watched passes through a function that changes
/// nothing; autograd runs the newest functions first, so when its turn comes, all that was computed after it is done.
/// </summary>
/// <param name="nodes">Whose values are watched.</param>
/// <param name="completed">Called with a watched node once the weights of all later nodes have their gradients.</param>
internal sealed class GradientWatch(IReadOnlySet<int> nodes, Action<int> completed)
{
    private ExceptionDispatchInfo? failure;

    /// <summary>A value as later nodes read it.</summary>
    public Tensor Watched(Node node, Tensor value)
    {
        if (!nodes.Contains(node.Id) || !value.requires_grad)
            return value;
        using (value)
            return Mark.apply(value, this, node.Id);
    }

    /// <summary>Throws what the call threw.</summary>
    public void Rethrow() => failure?.Throw();

    // Exceptions must not cross libtorch.
    private void Complete(int node)
    {
        try
        {
            if (failure is null)
                completed(node);
        }
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    private sealed class Mark : autograd.SingleTensorFunction<Mark>
    {
        public override string Name => nameof(Mark);

        public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
        {
            context.save_data("watch", arguments[1]);
            context.save_data("node", arguments[2]);
            return ((Tensor)arguments[0]).alias();
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            ((GradientWatch)context.get_data("watch")).Complete((int)context.get_data("node"));
            return [gradient, null!, null!];
        }
    }
}

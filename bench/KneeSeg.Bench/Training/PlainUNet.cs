using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace KneeSeg.Bench.Training;

/// <summary>The 3D U-Net of the bench as one writes it by hand: width 16, four levels, batch norms, 1,402,037 weights.</summary>
internal sealed class PlainUNet : Module<Tensor, Tensor>
{
    private static readonly int[] Widths = [16, 32, 64, 128];

    private readonly ModuleList<Module<Tensor, Tensor>> down = [];
    private readonly ModuleList<Module<Tensor, Tensor>> up = [];
    private readonly ModuleList<Module<Tensor, Tensor>> after = [];
    private readonly Module<Tensor, Tensor> pool = MaxPool3d(2);
    private readonly Module<Tensor, Tensor> last;

    public PlainUNet(int classes)
        : base("plain")
    {
        var channels = 1;
        foreach (var width in Widths)
        {
            down.Add(Twice(channels, width));
            channels = width;
        }
        foreach (var width in Widths[..^1].Reverse())
        {
            up.Add(ConvTranspose3d(2 * width, width, kernel_size: 2, stride: 2));
            after.Add(Twice(2 * width, width));
        }
        last = Conv3d(Widths[0], classes, kernel_size: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var skips = new List<Tensor>();
        var map = down[0].forward(input);
        for (var level = 1; level < Widths.Length; level++)
        {
            skips.Add(map);
            map = down[level].forward(pool.forward(map));
        }
        for (var level = 0; level < up.Count; level++)
            map = after[level].forward(cat([skips[^(level + 1)], up[level].forward(map)], 1));
        return last.forward(map);
    }

    private static Sequential Twice(int from, int to) =>
        Sequential(
            Conv3d(from, to, kernel_size: 3, padding: 1),
            BatchNorm3d(to),
            ReLU(),
            Conv3d(to, to, kernel_size: 3, padding: 1),
            BatchNorm3d(to),
            ReLU()
        );
}

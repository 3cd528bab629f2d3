using KneeSeg.Torch.Fused;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>Large tensors use the memory of freed ones, and no more than without.</summary>
public sealed unsafe class BlockPoolTests : IDisposable
{
    private const long Numbers = 3 << 20;

    public BlockPoolTests()
    {
        NativeStart.Initialize();
        BlockPool.Clear();
    }

    public void Dispose() => BlockPool.Clear();

    [Fact]
    public void A_large_tensor_takes_the_memory_of_the_last_one_of_its_size()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var first = empty([Numbers]);
        var last = empty([Numbers]);
        var address = (nint)TensorMaps.Address(last);
        last.Dispose();
        using var next = empty([Numbers]);
        Assert.Equal(address, (nint)TensorMaps.Address(next));
        Assert.NotEqual(address, (nint)TensorMaps.Address(first));
    }

    [Fact]
    public void Sizes_that_follow_each_other_do_not_add_up()
    {
        var before = BlockPool.Bytes;
        for (var more = 0; more < 8; more++)
            empty([Numbers + more]).Dispose();
        Assert.InRange(BlockPool.Bytes - before, 0u, (nuint)(sizeof(float) * (Numbers + 8)));
    }

    [Fact]
    public void Cleared_blocks_go_back()
    {
        var before = BlockPool.Bytes;
        empty([Numbers]).Dispose();
        Assert.True(BlockPool.Bytes > before || !OperatingSystem.IsLinux());
        BlockPool.Clear();
        Assert.Equal(before, BlockPool.Bytes);
    }
}

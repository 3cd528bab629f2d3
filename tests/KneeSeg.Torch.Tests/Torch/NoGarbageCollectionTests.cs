using KneeSeg.Torch.Native;

namespace KneeSeg.Torch.Tests.Torch;

public sealed class NoGarbageCollectionTests
{
    [Fact]
    public void Nothing_is_collected_inside_it_whatever_other_threads_do()
    {
        var stop = false;
        var other = new Thread(() =>
        {
            for (var i = 0; !Volatile.Read(ref stop); i++)
                GC.KeepAlive(new byte[3000]);
        });
        other.Start();
        try
        {
            var collected = 0;
            for (var i = 0; i < 200; i++)
            {
                using var noGc = NoGarbageCollection.Enter();
                var before = GC.CollectionCount(0);
                for (var n = 0; n < 1000; n++)
                    GC.KeepAlive(new byte[100]);
                collected += GC.CollectionCount(0) - before;
            }

            Assert.Equal(0, collected);
        }
        finally
        {
            stop = true;
            other.Join();
        }
    }

    [Fact]
    public void One_inside_another_ends_with_the_outer_one()
    {
        using (NoGarbageCollection.Enter())
        {
            NoGarbageCollection.Enter().Dispose();
            Assert.Equal(
                System.Runtime.GCLatencyMode.NoGCRegion,
                System.Runtime.GCSettings.LatencyMode
            );
        }
        Assert.NotEqual(
            System.Runtime.GCLatencyMode.NoGCRegion,
            System.Runtime.GCSettings.LatencyMode
        );
    }

    [Fact]
    public void Memory_does_not_grow_with_the_number_of_steps()
    {
        const int Steps = 1_000;
        const int BytesOfAStep = 2 << 20;
        for (var step = 0; step < Steps; step++)
        {
            using var noGc = NoGarbageCollection.Enter();
            GC.AllocateUninitializedArray<byte>(BytesOfAStep);
        }
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: false), 0, Steps * BytesOfAStep / 3);
    }
}

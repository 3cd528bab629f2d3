using KneeSeg.Torch.Native;

namespace KneeSeg.Torch.Tests.Torch;

public sealed class NoGarbageCollectionTests
{
    [Fact]
    public void NothingIsCollectedInsideItWhateverOtherThreadsDo()
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
    public void OneInsideAnotherEndsWithTheOuterOne()
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
}

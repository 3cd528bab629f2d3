using KneeSeg.Data.Patches;

namespace KneeSeg.Tests.Data;

public sealed class PatchLoaderTests
{
    [Fact]
    public void Batches_come_in_the_order_of_the_schedule_and_then_no_more()
    {
        (int, int)[] schedule = [(0, 0), (0, 1), (1, 0), (1, 1)];
        using var loader = new PatchLoader(schedule, Batch);
        foreach (var (epoch, step) in schedule)
        {
            var batch = loader.Next();
            Assert.Equal((epoch, step), (batch?.Epoch, batch?.Step));
        }
        Assert.Null(loader.Next());
        Assert.Null(loader.Next());
    }

    [Fact]
    public void They_are_those_that_the_sampler_gives_by_itself()
    {
        var sampler = new PatchSampler(
            [Samples.Case(new(9, 9, 9))],
            Samples.Rule(new(4, 4, 4), PatchKind.Volume, .5),
            3
        );
        using var loader = new PatchLoader(Endless(), (e, s) => sampler.Batch(e, s, 2));
        for (var step = 0; step < 10; step++)
            Assert.Equal(sampler.Batch(0, step, 2).Images, loader.Next()?.Images);
    }

    [Fact]
    public void What_goes_wrong_comes_out_after_the_batches_before_it()
    {
        var problem = new ProblemException(ExitCode.Data, "case 7", "is torn", "Mend it");
        using var loader = new PatchLoader(
            Endless(),
            (epoch, step) => step < 2 ? Batch(epoch, step) : throw problem
        );
        Assert.Equal(0, loader.Next()?.Step);
        Assert.Equal(1, loader.Next()?.Step);
        Assert.Same(problem, Assert.Throws<ProblemException>(loader.Next));
        Assert.Same(problem, Assert.Throws<ProblemException>(loader.Next));
    }

    [Fact]
    public void No_more_batches_are_made_than_may_wait()
    {
        var made = 0;
        using var full = new SemaphoreSlim(0);
        using (
            var loader = new PatchLoader(
                Endless(),
                (epoch, step) =>
                {
                    Interlocked.Increment(ref made);
                    full.Release();
                    return Batch(epoch, step);
                },
                ahead: 2
            )
        )
        {
            // Two wait and a third is held until there is room for it.
            for (var i = 0; i < 3; i++)
                full.Wait(TestContext.Current.CancellationToken);
            loader.Next();
            full.Wait(TestContext.Current.CancellationToken);
        }
        Assert.Equal(4, made);
    }

    [Fact]
    public void It_stops_when_it_is_no_longer_wanted()
    {
        using var loader = new PatchLoader(Endless(), Batch);
        loader.Dispose();
    }

    private static IEnumerable<(int, int)> Endless() =>
        Enumerable.InfiniteSequence(0, 1).Select(step => (0, step));

    private static PatchBatch Batch(int epoch, int step) => new(epoch, step, [], [], [], []);
}

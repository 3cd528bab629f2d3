using System.Numerics;
using System.Diagnostics;
using KneeSeg.Data;
using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>Knees that are scanned several times.</summary>
public sealed class PhantomVisitTests(ITestOutputHelper o)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Probe(long seed)
    {
        var w = Stopwatch.StartNew();
        var knee = new KneeTruth(seed);
        o.WriteLine($"bone {w.ElapsedMilliseconds}");
        var first = knee.At([]);
        o.WriteLine($"first {w.ElapsedMilliseconds}");
        foreach (var (l, t) in first)
            o.WriteLine($"{l} {t}");
        foreach (var (l, t) in knee.At(PhantomThinning.Parse("0.1").Of(1)))
            o.WriteLine($"{l} {t}");
        foreach (var (l, t) in knee.At(PhantomThinning.Parse("cMT=lesion,ccLF=0.4").Of(1)))
            o.WriteLine($"{l} {t}");
        o.WriteLine($"{w.ElapsedMilliseconds}");
    }
}

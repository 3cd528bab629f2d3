using System.Diagnostics;
using System.Text.Json.Serialization;

namespace KneeSeg.Bench;

/// <summary>Two ways of doing the same, timed in turns: machines are noisy, so only their ratio counts.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Ours">Seconds, the median.</param>
/// <param name="Peer">Seconds of what it is compared with, the median.</param>
public sealed record Ratio(string Name, double Ours, double Peer)
{
    private const int Usual = 9;

    // Until .NET has compiled what runs often with all optimizations.
    private const int WarmUp = 5;

    /// <summary>Ours over the peer's: below 1 is faster.</summary>
    [JsonPropertyName("ratio")]
    public double Value => Ours / Peer;

    /// <summary>Times both in turns, after some that do not count.</summary>
    public static Ratio Measure(string name, Action ours, Action peer, int turns = Usual)
    {
        var (first, second) = (new List<double>(), new List<double>());
        for (var turn = -WarmUp; turn < turns; turn++)
        {
            var (a, b) = (Seconds(ours), Seconds(peer));
            if (turn < 0)
                continue;
            first.Add(a);
            second.Add(b);
        }
        return new Ratio(name, Median(first), Median(second));
    }

    /// <summary>Times one way against so many seconds, after some turns that do not count.</summary>
    public static Ratio Within(string name, double seconds, Action ours) =>
        Measure(name, ours, () => { }) with
        {
            Peer = seconds,
        };

    private static double Seconds(Action work)
    {
        var clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalSeconds;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}

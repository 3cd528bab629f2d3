using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Relaxometry;

namespace KneeSeg.Tests.Imaging;

public sealed class T2FitTests
{
    private static readonly double[] Times = [9.7, 19.4, 29.1, 38.8, 48.5, 58.2, 67.9];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_decay_without_noise_gives_its_own_T2_and_M0(int echoes)
    {
        double[] t2 = [2, 12.5, 33, 40, 61.7, 250, 490];
        double[] m0 = [900, 1500, 800, 1, 2e4, 350, 0.02];
        var maps = Fit(Times[..echoes], (voxel, te) => m0[voxel] * Math.Exp(-te / t2[voxel]), 7);
        for (var voxel = 0; voxel < t2.Length; voxel++)
        {
            // Signals are float32: their rounding counts more where the decay is slow.
            var rounding = 1e-6 * (1 + t2[voxel] / Times[0]);
            Assert.Equal(1, maps.T2.Voxels[voxel] / t2[voxel], rounding);
            Assert.Equal(1, maps.M0.Voxels[voxel] / m0[voxel], rounding);
            Assert.Equal(1, maps.Determination.Voxels[voxel], 1e-6);
        }
    }

    [Fact]
    public void Off_the_curve_the_sum_of_squares_is_least()
    {
        double[] signal = [700, 610, 420, 365, 240, 260, 150];
        var maps = Fit(Times, (_, te) => signal[Array.IndexOf(Times, te)], 1);
        var (t2, m0) = (maps.T2.Voxels[0], maps.M0.Voxels[0]);
        var least = Squares(m0, t2);
        foreach (var change in new[] { 0.999, 1.001 })
        {
            Assert.True(Squares(m0 * change, t2) > least);
            Assert.True(Squares(m0, t2 * change) > least);
        }
        var mean = signal.Average();
        Assert.Equal(
            1 - least / signal.Sum(s => (s - mean) * (s - mean)),
            maps.Determination.Voxels[0],
            1e-5
        );

        double Squares(double amplitude, double time) =>
            Times.Zip(signal, (te, s) => Math.Pow(s - amplitude * Math.Exp(-te / time), 2)).Sum();
    }

    [Fact]
    public void What_is_no_decay_or_out_of_bounds_is_zero()
    {
        // Growing; constant; not positive; not a number; too short; too long; a decay.
        var maps = Fit(
            [10, 20, 30],
            (voxel, te) =>
                voxel switch
                {
                    0 => te,
                    1 => 5,
                    2 => te - 20,
                    3 => te > 15 ? double.NaN : 1,
                    4 => Math.Exp(-te / 4.9),
                    5 => Math.Exp(-te / 101),
                    _ => Math.Exp(-te / 50),
                },
            7,
            bounds: (5, 100)
        );
        Assert.Equal([0, 0, 0, 0, 0, 0, 50], maps.T2.Voxels.Select(t2 => Math.Round(t2, 3)));
        Assert.All(maps.M0.Voxels[..6], m0 => Assert.Equal(0, m0));
    }

    [Fact]
    public void Echo_times_come_from_the_headers()
    {
        using var folder = new TemporaryFolder();
        folder.WriteSlices("scan/long", new() { [0x00180081] = "31.5" });
        folder.WriteSlices("scan/short", new() { [0x00180081] = "9.7" });
        folder.WriteSlices("one/", new() { [0x00180081] = "20" });
        Assert.Equal(
            [
                new($"{folder["scan"]}#echo=1", 9.7),
                new(folder["one"], 20),
                new($"{folder["scan"]}#echo=2", 31.5),
            ],
            EchoTimes.Find([folder["scan"], folder["one"]])
        );
        File.WriteAllBytes(folder["echo.nii"], []);
        var problem = Assert.Throws<ProblemException>(() => EchoTimes.Find([folder["echo.nii"]]));
        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.Contains("--te", problem.Fix);
    }

    private static T2Maps Fit(
        double[] times,
        Func<int, double, double> signal,
        int voxels,
        (double, double)? bounds = null
    )
    {
        var grid = Grid.Centered(new(voxels, 1, 1), new(1, 1, 1), "RAS");
        var (shortest, longest) = bounds ?? (1, 500);
        return T2Fit.Of(
            [
                .. times.Select(te => new Volume<float>(
                    grid,
                    [.. Enumerable.Range(0, voxels).Select(voxel => (float)signal(voxel, te))]
                )),
            ],
            times,
            shortest,
            longest
        );
    }
}

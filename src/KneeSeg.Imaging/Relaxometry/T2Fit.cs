namespace KneeSeg.Imaging.Relaxometry;

/// <summary>
/// A mono-exponential fit, S = M0·exp(-TE/T2), at each voxel of several echoes: the least-squares solution, from two echoes in
/// closed form. M0 is eliminated (variable projection, Golub and Pereyra 1973; Kaufman 1975), and 1/T2 iterated from the
/// log-linear fit weighted by S². A voxel without a fit is 0 in every map: an echo there is not positive, or T2 is out of
/// bounds. Magnitude images have Rician noise, which lifts late echoes and so lengthens T2: by 1.5 to 4 % where the first echo's
/// signal-to-noise ratio is 20, by 6 to 15 % where it is 10 (seven echoes of 10 to 70 ms, T2 of 20 to 60 ms).
/// </summary>
public static class T2Fit
{
    private const int MostSteps = 30;
    private const double Settled = 1e-8;

    /// <summary>Fits the maps of T2, M0 and the coefficient of determination.</summary>
    /// <param name="echoes">At least two images on one grid.</param>
    /// <param name="times">The echo time of each in ms, rising.</param>
    /// <param name="shortest">The smallest T2 in ms that counts as a fit.</param>
    /// <param name="longest">The largest.</param>
    public static T2Maps Of(
        IReadOnlyList<Volume<float>> echoes,
        IReadOnlyList<double> times,
        double shortest,
        double longest
    )
    {
        var grid = echoes[0].Grid;
        var count = echoes[0].Voxels.Length;
        var (t2, m0, r2) = (new float[count], new float[count], new float[count]);
        double[] te = [.. times];
        var each = count / grid.Size.Z;
        Parallel.For(
            0,
            grid.Size.Z,
            slice =>
            {
                Span<double> signal = stackalloc double[te.Length];
                for (var i = slice * each; i < (slice + 1) * each; i++)
                {
                    var isPositive = true;
                    for (var e = 0; e < te.Length; e++)
                    {
                        signal[e] = echoes[e].Voxels[i];
                        isPositive &= signal[e] > 0 && double.IsFinite(signal[e]);
                    }
                    if (!isPositive)
                        continue;
                    var (amplitude, rate) = Fit(te, signal);
                    // Not a number fails too.
                    if (!(1 / rate >= shortest && 1 / rate <= longest))
                        continue;
                    (t2[i], m0[i]) = ((float)(1 / rate), (float)amplitude);
                    r2[i] = (float)Determination(te, signal, amplitude, rate);
                }
            }
        );
        return new(new(grid, t2), new(grid, m0), new(grid, r2));
    }

    private static (double Amplitude, double Rate) Fit(double[] te, ReadOnlySpan<double> signal)
    {
        var (amplitude, rate) = LogLinear(te, signal);
        if (te.Length == 2)
            return (amplitude, rate);
        var best = double.PositiveInfinity;
        var (step, from) = (0.0, rate);
        for (var i = 0; i < MostSteps && rate > 0; i++)
        {
            var at = Project(te, signal, rate);
            if (at.Residual > best)
            {
                // Too far: half of the step.
                rate = from + (step /= 2);
            }
            else
            {
                (best, from, amplitude, step) = (at.Residual, rate, at.Amplitude, at.Step);
                rate += step;
            }
            if (Math.Abs(step) <= Settled * from)
                return (amplitude, from);
        }
        return (amplitude, from);
    }

    // At a rate: the best amplitude, what is left of the signal, and the Gauss-Newton step.
    private static (double Amplitude, double Residual, double Step) Project(
        double[] te,
        ReadOnlySpan<double> signal,
        double rate
    )
    {
        var (ee, se, ete, ette, ste, ss) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < te.Length; i++)
        {
            var (t, s) = (te[i], signal[i]);
            var e = Math.Exp(-rate * t);
            ee += e * e;
            se += s * e;
            ete += e * t * e;
            ette += e * t * t * e;
            ste += s * t * e;
            ss += s * s;
        }
        var amplitude = se / ee;
        // The derivative of the residual by the rate, M0·TE·e, and its part beside e.
        var along = amplitude * (ste - amplitude * ete);
        var square = amplitude * amplitude * (ette - ete * ete / ee);
        return (amplitude, ss - amplitude * se, -along / square);
    }

    private static (double Amplitude, double Rate) LogLinear(
        double[] te,
        ReadOnlySpan<double> signal
    )
    {
        var (w, wx, wy, wxx, wxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < te.Length; i++)
        {
            var weight = signal[i] * signal[i];
            var (x, y) = (te[i], Math.Log(signal[i]));
            w += weight;
            wx += weight * x;
            wy += weight * y;
            wxx += weight * x * x;
            wxy += weight * x * y;
        }
        var slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
        return (Math.Exp((wy - slope * wx) / w), -slope);
    }

    private static double Determination(
        double[] te,
        ReadOnlySpan<double> signal,
        double amplitude,
        double rate
    )
    {
        var (sum, residual, total) = (0.0, 0.0, 0.0);
        foreach (var s in signal)
            sum += s;
        for (var i = 0; i < te.Length; i++)
        {
            var (off, spread) = (
                signal[i] - amplitude * Math.Exp(-rate * te[i]),
                signal[i] - sum / te.Length
            );
            residual += off * off;
            total += spread * spread;
        }
        return total > 0 ? 1 - residual / total : 1;
    }
}

/// <summary>What a fit gives; 0 where there is no fit.</summary>
/// <param name="T2">In ms.</param>
/// <param name="M0">The signal at echo time 0.</param>
/// <param name="Determination">R², 1 for a perfect fit.</param>
public sealed record T2Maps(Volume<float> T2, Volume<float> M0, Volume<float> Determination);

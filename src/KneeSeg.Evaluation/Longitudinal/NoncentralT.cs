using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;
using MathNet.Numerics.RootFinding;

namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>The noncentral t distribution: of (Z + δ)/S, with Z standard normal and S² χ² over its degrees of freedom.</summary>
internal static class NoncentralT
{
    // S lies within so many of its standard deviations, to 1e-12.
    private const double Reach = 10;
    private const int Nodes = 256;

    /// <summary>The 95 % interval of δ, given a value t that was observed.</summary>
    public static Interval Noncentrality(double t, int freedom)
    {
        var width = Reach * Math.Sqrt(1 + t * t / (2.0 * freedom));
        double At(double probability) =>
            Brent.FindRoot(
                delta => Below(t, freedom, delta) - probability,
                t - width,
                t + width,
                accuracy: 1e-12
            );
        return new(At(0.975), At(0.025));
    }

    /// <summary>The probability of a value of at most t: over all S, that of Z ≤ t·S - δ.</summary>
    public static double Below(double t, int freedom, double delta)
    {
        var root = Math.Sqrt(freedom);
        var deviation = 1 / Math.Sqrt(2.0 * freedom);
        return GaussLegendreRule.Integrate(
            s => Normal.CDF(0, 1, t * s - delta) * Math.Exp(Chi.PDFLn(freedom, s * root)) * root,
            Math.Max(0, 1 - Reach * deviation),
            1 + Reach * deviation,
            Nodes
        );
    }
}

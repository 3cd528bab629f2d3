using KneeSeg.Imaging;
using KneeSeg.Imaging.Resampling;

namespace KneeSeg.Inference.Quality;

/// <summary>
/// Calibrates probabilities with one number (Guo et al. 2017): the temperature T for which softmax(ln p / T) has the least
/// cross-entropy with the references, over all voxels but those that the network is sure are background. These would outweigh
/// the others, and a choice by the references would bias the result.
/// </summary>
public sealed class TemperatureScaling
{
    // From 0.5 to 8 in steps of an eighth of an octave.
    private const int StepsPerOctave = 8;
    private const int Lowest = -8;
    private const int Steps = 33;

    // Of a case, so many voxels are enough.
    private const int Samples = 1 << 21;
    private const float LeastProbability = 1e-6f;

    private readonly double[] entropy = new double[Steps];
    private long samples;

    /// <summary>The temperature; null before a voxel was added.</summary>
    public double? Temperature
    {
        get
        {
            if (samples == 0)
                return null;
            var best = Array.IndexOf(entropy, entropy.Min());
            return Math.Round(Math.Pow(2, (Lowest + best + Offset(best)) / StepsPerOctave), 4);
        }
    }

    /// <summary>Adds the voxels of consecutive slices of a case.</summary>
    /// <param name="range">The probabilities of each class.</param>
    /// <param name="reference">The reference of the whole case.</param>
    internal void Add(SliceRange range, ReadOnlySpan<byte> reference)
    {
        var maps = Array.ConvertAll(range.Maps, map => map.ToArray());
        var length = maps[0].Length;
        var from = range.First * (length / range.Count);
        // An odd stride, so that samples do not repeat the same columns.
        var stride = Math.Max(1, reference.Length / Samples) | 1;
        var logs = new double[maps.Length];
        for (var i = 0; i < length; i += stride)
        {
            var label = reference[from + i];
            if (label == LabelValue.Ignored || maps[0][i] >= Confidence.Certain)
                continue;
            for (var one = 0; one < maps.Length; one++)
                logs[one] = Math.Log(Math.Max(maps[one][i], LeastProbability));
            samples++;
            for (var step = 0; step < Steps; step++)
            {
                var temperature = Math.Pow(2, (double)(Lowest + step) / StepsPerOctave);
                entropy[step] += Math.Log(
                    logs.Sum(log => Math.Exp((log - logs[label]) / temperature))
                );
            }
        }
    }

    // The minimum of the parabola through a step and its neighbors, in steps.
    private double Offset(int best)
    {
        if (best is 0 or Steps - 1)
            return 0;
        var (before, here, after) = (entropy[best - 1], entropy[best], entropy[best + 1]);
        var curvature = before - 2 * here + after;
        return curvature > 0 ? (before - after) / (2 * curvature) : 0;
    }
}

using System.Numerics.Tensors;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Inference.Files;

namespace KneeSeg.Inference;

/// <summary>Averages class probabilities over ensemble members, slice by slice, and reduces them to the requested outputs.</summary>
internal static class EnsembleAverage
{
    /// <summary>Averages members and reduces.</summary>
    /// <param name="predictions">Each member's slices of class probabilities.</param>
    /// <param name="resampler">The resampler that produces the slices.</param>
    /// <param name="classes">Background included.</param>
    /// <param name="requested">The requested outputs.</param>
    public static Prediction Of(
        IReadOnlyList<IEnumerable<float[][]>> predictions,
        SliceRangeResampler resampler,
        int classes,
        RequestedOutputs requested
    )
    {
        var count = resampler.Ordered.Size.Count;
        var labels = new byte[count];
        var uncertainty = requested.Uncertainty ? new float[count] : null;
        ushort[][] probabilities = requested.Probabilities
            ? [.. Enumerable.Range(1, classes - 1).Select(_ => new ushort[count])]
            : [];
        var at = 0;
        foreach (var maps in Mean(predictions))
        {
            var length = resampler.SliceLength;
            Argmax.Labels(
                Array.ConvertAll(maps, map => new ReadOnlyMemory<float>(map)),
                labels.AsSpan(at, length)
            );
            if (uncertainty is not null)
                Entropy(maps, uncertainty.AsSpan(at, length));
            for (var label = 1; label <= probabilities.Length; label++)
                Quantize(maps[label], probabilities[label - 1].AsSpan(at, length));
            at += length;
        }
        return new(
            resampler.Turned(labels),
            [.. probabilities.Select(resampler.Turned)],
            uncertainty is null ? null : resampler.Turned(uncertainty)
        );
    }

    private static IEnumerable<float[][]> Mean(IReadOnlyList<IEnumerable<float[][]>> predictions)
    {
        if (predictions is [var one])
        {
            foreach (var maps in one)
                yield return maps;
            yield break;
        }
        var members = predictions.Select(prediction => prediction.GetEnumerator()).ToArray();
        try
        {
            while (members.All(member => member.MoveNext()))
            {
                var mean = members[0].Current;
                for (var label = 0; label < mean.Length; label++)
                {
                    foreach (var member in members.Skip(1))
                        TensorPrimitives.Add<float>(
                            mean[label],
                            member.Current[label],
                            mean[label]
                        );
                    TensorPrimitives.Divide<float>(mean[label], members.Length, mean[label]);
                }
                yield return mean;
            }
        }
        finally
        {
            foreach (var member in members)
                member.Dispose();
        }
    }

    private static void Entropy(float[][] maps, Span<float> uncertainty)
    {
        uncertainty.Clear();
        var greatest = MathF.Log(maps.Length);
        foreach (var map in maps)
            for (var i = 0; i < map.Length; i++)
                if (map[i] > 0)
                    uncertainty[i] -= map[i] * MathF.Log(map[i]) / greatest;
    }

    private static void Quantize(float[] map, Span<ushort> parts)
    {
        for (var i = 0; i < map.Length; i++)
            parts[i] = (ushort)MathF.Round(ushort.MaxValue * Math.Clamp(map[i], 0, 1));
    }
}

using System.Numerics.Tensors;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.Quality;

namespace KneeSeg.Inference;

/// <summary>Averages class probabilities over ensemble members, slice by slice, and reduces them to the requested outputs.</summary>
internal static class EnsembleAverage
{
    /// <summary>Averages members and reduces.</summary>
    /// <param name="predictions">Each member's slices of class probabilities and of further maps.</param>
    /// <param name="resampler">The resampler that produces the slices.</param>
    /// <param name="classes">Background included.</param>
    /// <param name="furtherMaps">Maps of named outputs.</param>
    /// <param name="output">The requested outputs.</param>
    /// <param name="temperature">Calibrates the confidence; null where it is not known.</param>
    /// <param name="areLogits">Whether the predictions are logits instead of probabilities.</param>
    public static Prediction Of(
        IReadOnlyList<IEnumerable<float[][]>> predictions,
        SliceRangeResampler resampler,
        int classes,
        int furtherMaps,
        PredictionOutput output,
        double? temperature,
        bool areLogits
    )
    {
        var count = resampler.Ordered.Size.Count;
        var labels = new byte[count];
        var uncertainty = output.Uncertainty ? new float[count] : null;
        ushort[][] probabilities = output.Probabilities
            ? [.. Enumerable.Range(1, classes - 1).Select(_ => new ushort[count])]
            : [];
        float[][] further = [.. Enumerable.Range(0, furtherMaps).Select(_ => new float[count])];
        var confidence = temperature is { } t ? new Confidence(classes, t) : null;
        var needsProbabilities =
            confidence is not null || output.Uncertainty || output.Probabilities;
        var at = 0;
        foreach (var all in Mean(predictions))
        {
            var length = resampler.SliceLength;
            var maps = all[..classes];
            Argmax.Labels(
                Array.ConvertAll(maps, map => new ReadOnlyMemory<float>(map)),
                labels.AsSpan(at, length)
            );
            if (areLogits && needsProbabilities)
                Softmax(maps);
            confidence?.Add(maps, labels.AsSpan(at, length));
            if (uncertainty is not null)
                Entropy(maps, uncertainty.AsSpan(at, length));
            for (var label = 1; label <= probabilities.Length; label++)
                Quantize(maps[label], probabilities[label - 1].AsSpan(at, length));
            foreach (var (map, values) in all.Skip(classes).Zip(further))
                map.CopyTo(values, at);
            at += length;
        }
        return new(
            resampler.Turned(labels),
            [.. probabilities.Select(resampler.Turned)],
            uncertainty is null ? null : resampler.Turned(uncertainty),
            [.. further.Select(resampler.Turned)],
            []
        )
        {
            ExpectedDice = confidence?.ExpectedDice ?? [],
        };
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

    /// <summary>Logits to probabilities, in place.</summary>
    /// <param name="maps">By class.</param>
    public static void Softmax(float[][] maps)
    {
        for (var i = 0; i < maps[0].Length; i++)
        {
            var (largest, sum) = (float.NegativeInfinity, 0f);
            foreach (var map in maps)
                largest = Math.Max(largest, map[i]);
            foreach (var map in maps)
                sum += map[i] = MathF.Exp(map[i] - largest);
            foreach (var map in maps)
                map[i] /= sum;
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

/// <summary>Argmax over classes.</summary>
internal static class Argmax
{
    private const int Block = 1024;

    /// <summary>The class with the highest value in each voxel; the first of equals.</summary>
    /// <param name="maps">By class, the background first.</param>
    /// <param name="labels">Receives the labels.</param>
    public static void Labels(ReadOnlyMemory<float>[] maps, Span<byte> labels)
    {
        // In blocks, to stay in cache.
        Span<float> best = stackalloc float[Block];
        for (var at = 0; at < labels.Length; at += Block)
        {
            var length = Math.Min(Block, labels.Length - at);
            var found = labels.Slice(at, length);
            maps[0].Span.Slice(at, length).CopyTo(best);
            found.Clear();
            for (var label = 1; label < maps.Length; label++)
            {
                var map = maps[label].Span.Slice(at, length);
                for (var i = 0; i < map.Length; i++)
                    if (map[i] > best[i])
                        (best[i], found[i]) = (map[i], (byte)label);
            }
        }
    }
}

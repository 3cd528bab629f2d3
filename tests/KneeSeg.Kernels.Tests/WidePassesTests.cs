using FsCheck.Xunit;

namespace KneeSeg.Kernels.Tests;

/// <summary>Passes over wide maps of random sizes against the definition in double precision.</summary>
[Properties(MaxTest = 12)]
public sealed unsafe class WidePassesTests
{
    private const double Tolerance = 2e-6;

    [Property]
    public void Passes_are_those_of_the_definition(int seed)
    {
        var random = new Random(seed);
        var (images, channels) = (random.Next(1, 3), 8 * random.Next(1, 7));
        using var raw = new Batch(random, images, channels, voxels: random.Next(1, 1500));
        using var gradient = raw.Like(random);
        using var output = raw.Like(null);
        using var ofRaw = raw.Like(null);
        var affines = raw.PerImage(() =>
            new Affine(
                Numbers(random, channels),
                Numbers(random, channels),
                Numbers(random, channels)
            )
        );
        var statistics = raw.PerImage(() =>
            new BackwardAffine(Numbers(random, channels), Numbers(random, channels))
        );
        var workers = new PoolWorkers(2);
        Epilogue epilogue = new Epilogue<Rectifier>(new(0.25f));

        epilogue.Finish(workers, raw.Maps, output.Maps, affines);
        epilogue.Backward(workers, raw.Maps, gradient.Maps, ofRaw.Maps, affines, statistics);
        var (moments, sums) = (
            new double[2 * images * channels],
            new double[2 * images * channels]
        );
        WidePasses.AddMoments(workers, raw.Maps, moments);
        epilogue.AddGradientSums(workers, raw.Maps, gradient.Maps, affines, sums);

        var given = gradient.Values;
        var h = raw.Each(
            (i, c, y, at) => affines[i].Keep[c] * (Line(i, c, y) > 0 ? 1 : 0.25) * given[at]
        );
        Reference.Near(
            raw.Each(
                (i, c, y, _) => affines[i].Keep[c] * Line(i, c, y) * (Line(i, c, y) > 0 ? 1 : 0.25)
            ),
            output.Values,
            Tolerance
        );
        Reference.Near(
            raw.Each(
                (i, c, y, at) =>
                    affines[i].Factor[c] * h[at]
                    + statistics[i].Slope[c] * y
                    + statistics[i].Offset[c]
            ),
            ofRaw.Values,
            Tolerance
        );
        Reference.Near(raw.Sums((y, _) => y, (y, _) => y * y), moments, Tolerance);
        Reference.Near(raw.Sums((_, at) => h[at], (y, at) => y * h[at]), sums, Tolerance);

        double Line(int image, int channel, double y) =>
            affines[image].Factor[channel] * y + affines[image].Addend[channel];
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_sums()
    {
        using var raw = new Batch(new Random(1), 2, 24, voxels: 5000);
        var sums = new[] { 1, 2, 4 }.Select(threads =>
        {
            var own = new double[96];
            WidePasses.AddMoments(new PoolWorkers(threads), raw.Maps, own);
            return own;
        });
        Assert.Single(sums.Select(own => string.Join(' ', own)).Distinct());
    }

    private static float[] Numbers(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 0.7f)];

    /// <summary>Maps <c>[N, voxels, C]</c>.</summary>
    private sealed class Batch(NativeMaps memory, int images, int channels, int voxels)
        : IDisposable
    {
        public Batch(Random random, int images, int channels, int voxels)
            : this(Memory(random, images * channels * voxels), images, channels, voxels) { }

        public WideMaps Maps => new(memory.Start, images, voxels, channels);

        public double[] Values => memory.Values;

        /// <summary>Of the same size, with random numbers or none.</summary>
        public Batch Like(Random? random) =>
            new(Memory(random, images * channels * voxels), images, channels, voxels);

        public T[] PerImage<T>(Func<T> make) =>
            [.. Enumerable.Range(0, images).Select(_ => make())];

        /// <summary>A function of image, channel, value and place of each number.</summary>
        public double[] Each(Func<int, int, double, int, double> of) =>
            [.. Values.Select((y, at) => of(at / (channels * voxels), at % channels, y, at))];

        /// <summary>Two sums over each channel of each image, of functions of value and place.</summary>
        public double[] Sums(Func<double, int, double> first, Func<double, int, double> second)
        {
            var sums = new double[2 * images * channels];
            foreach (var (at, y) in Values.Index())
            {
                var own = 2 * (at / (channels * voxels) * channels + at % channels);
                sums[own] += first(y, at);
                sums[own + 1] += second(y, at);
            }
            return sums;
        }

        public void Dispose() => memory.Dispose();

        private static NativeMaps Memory(Random? random, int length) =>
            random is null ? new(1, new(1, 1, length)) : new(1, new(1, 1, length), random);
    }
}

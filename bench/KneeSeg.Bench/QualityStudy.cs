using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Torch;
using static System.FormattableString;
using static TorchSharp.torch;

namespace KneeSeg.Bench;

/// <summary>
/// Whether quality flags find the predictions whose Dice is low, and what the anatomical rule repairs, on 30 generated knees.
/// <c>bench/quality.sh</c> trains the two networks that it needs.
/// </summary>
internal static class QualityStudy
{
    private const int Count = 30;
    private const long FirstSeed = 1001;

    // A prediction is bad if its mean Dice is so far below the median of images as they are.
    private const double LowBy = 0.1;

    private static readonly ModelSize Size = new(32, 64, 64);
    private static readonly LabelSchema Profile = LabelSchema.Find("iwoai")!;

    // A third of the knees as they are; the others as a lab may meet them.
    private static readonly string[] Kinds =
    [
        "as it is",
        "as it is",
        "noise",
        "another contrast",
        "cropped",
        "trained too little",
    ];

    /// <param name="folder">Has the runs <c>late</c> and <c>early</c>.</param>
    public static void Run(string folder)
    {
        PhantomKnee[] knees =
        [
            .. Enumerable.Range(0, Count).Select(i => Phantom.Create(FirstSeed + i, Size)),
        ];
        using var late = Open(Path.Combine(folder, "late"));
        using var early = Open(Path.Combine(folder, "early"));
        Flags(folder, knees, late, early);
        Console.WriteLine();
        Console.WriteLine(
            "| network | knee's side | mean Dice | after | worst knee | after | lowest Dice of a structure | after | knees changed |"
        );
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|---:|");
        Repair(folder, "early", knees, early);
        Repair(folder, "late", knees, late);
    }

    private static void Flags(string folder, PhantomKnee[] knees, Predictor late, Predictor early)
    {
        List<StudyCase> cases = [];
        foreach (var (i, knee) in knees.Index())
        {
            var kind = Kinds[i % Kinds.Length];
            var (image, reference) = Degraded(knee, kind, i);
            var (labels, flags) = Predict(
                Path.Combine(folder, "flags"),
                $"knee-{FirstSeed + i}",
                image,
                kind == Kinds[^1] ? early : late
            );
            cases.Add(new($"knee-{FirstSeed + i}", kind, Dice(reference, labels).Average(), flags));
        }
        double[] plain =
        [
            .. cases.Where(one => one.Kind == Kinds[0]).Select(one => one.Dice).Order(),
        ];
        var low = plain[plain.Length / 2] - LowBy;
        Console.WriteLine(
            "| knees | count | mean Dice | lowest | low | with severe flags | flags |"
        );
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---|");
        foreach (var all in cases.GroupBy(one => one.Kind))
            Console.WriteLine(
                Invariant(
                    $"| {all.Key} | {all.Count()} | {all.Average(one => one.Dice):0.000} | {all.Min(one => one.Dice):0.000} | {all.Count(one => one.Dice < low)} | {all.Count(one => one.Severe > 0)} | {Ids(all)} |"
                )
            );
        Console.WriteLine();
        foreach (var one in cases.OrderBy(one => one.Dice))
            Console.WriteLine(
                Invariant(
                    $"{one.Id} {one.Kind}: {one.Dice:0.000}, {one.Severe} severe of {one.Flags.Count}: {string.Join(", ", one.Flags.Select(flag => flag.Id))}"
                )
            );
        Console.WriteLine();
        Console.WriteLine(
            Invariant(
                $"low is a mean Dice below {low:0.000}: {cases.Count(one => one.Dice < low)} of {cases.Count}; area under the curve {Area(cases, low):0.000}"
            )
        );
    }

    private static string Ids(IEnumerable<StudyCase> cases) =>
        string.Join(
            ", ",
            cases
                .SelectMany(one => one.Flags.Select(flag => flag.Id).Distinct())
                .CountBy(id => id)
                .OrderByDescending(id => id.Value)
                .Select(id => $"{id.Key} {id.Value}")
        );

    // The probability that a low case comes before another one where the worst come first; ties count half.
    private static double Area(IReadOnlyList<StudyCase> cases, double low) =>
        (
            from bad in cases.Where(one => one.Dice < low)
            from good in cases.Where(one => one.Dice >= low)
            select bad.Rank.CompareTo(good.Rank) switch
            {
                > 0 => 1,
                0 => 0.5,
                _ => 0,
            }
        ).Average();

    private static void Repair(string folder, string name, PhantomKnee[] knees, Predictor predictor)
    {
        Volume<byte>[] predictions =
        [
            .. knees.Select(
                (knee, i) =>
                    Predict(
                        Path.Combine(folder, $"repair-{name}"),
                        $"knee-{FirstSeed + i}",
                        Image(knee),
                        predictor
                    ).Labels
            ),
        ];
        foreach (var isKnown in (bool[])[false, true])
        {
            List<(double[] Before, double[] After)> dice = [];
            foreach (var (knee, predicted) in knees.Zip(predictions))
            {
                var labels = predicted with { Voxels = [.. predicted.Voxels] };
                Postprocessing.AnatomyAlone.Apply(
                    labels,
                    Profile,
                    isKnown ? knee.Parameters.Side : KneeSide.Unknown
                );
                dice.Add((Dice(knee.Labels, predicted), Dice(knee.Labels, labels)));
            }
            string Both(Func<IEnumerable<double[]>, double> of) =>
                Invariant(
                    $"{of(dice.Select(one => one.Before)):0.000} | {of(dice.Select(one => one.After)):0.000}"
                );
            Console.WriteLine(
                $"| {name} | {(isKnown ? "known" : "unknown")} | {Both(all => all.Average(one => one.Average()))} | {Both(all => all.Min(one => one.Average()))} | {Both(all => all.Min(one => one.Min()))} | {dice.Count(one => !one.Before.SequenceEqual(one.After))} |"
            );
        }
    }

    private static (Volume<float> Image, Volume<byte> Reference) Degraded(
        PhantomKnee knee,
        string kind,
        int index
    )
    {
        var (image, random) = (Image(knee), new Random(index));
        var bright = image.Voxels.Order().ElementAt(image.Voxels.Length * 99 / 100);
        // From mild to strong.
        var strength = 1 + index / Kinds.Length;
        switch (kind)
        {
            case "noise":
                // 8 to 40 % of the bright tissue.
                var sd = 0.08 * strength * bright;
                return (
                    image with
                    {
                        Voxels = Array.ConvertAll(
                            image.Voxels,
                            value => (float)Math.Abs(value + sd * Gauss(random))
                        ),
                    },
                    knee.Labels
                );
            case "another contrast":
                // From a gamma to an inverted image.
                return (
                    image with
                    {
                        Voxels = Array.ConvertAll(
                            image.Voxels,
                            value =>
                                strength >= 4
                                    ? Math.Max(0, bright - value)
                                    : bright * MathF.Pow(value / bright, 1f / (1 + strength))
                        ),
                    },
                    knee.Labels
                );
            case "cropped":
                // 15 to 55 % less from below: the tibia goes first.
                var height = (int)(Size.Height * (0.95 - 0.1 * strength));
                return (Top(image, height), Top(knee.Labels, height));
            default:
                return (image, knee.Labels);
        }
    }

    // Columns run to inferior.
    private static Volume<T> Top<T>(Volume<T> volume, int height)
        where T : unmanaged
    {
        var codes = AxisOrder.Codes(volume.Grid.Affine);
        var axis = codes.IndexOf('I');
        int[] size = [volume.Grid.Size.X, volume.Grid.Size.Y, volume.Grid.Size.Z];
        size[axis] = height;
        var grid = volume.Grid.Part(new(size[0], size[1], size[2]), 0, 0, 0);
        var voxels = new T[grid.Size.Count];
        for (var (n, k) = (0, 0); k < size[2]; k++)
        for (var j = 0; j < size[1]; j++)
        for (var i = 0; i < size[0]; i++, n++)
            voxels[n] = volume.Voxels[i + volume.Grid.Size.X * (j + volume.Grid.Size.Y * k)];
        return new(grid, voxels);
    }

    private static (Volume<byte> Labels, IReadOnlyList<QualityFlag> Flags) Predict(
        string folder,
        string id,
        Volume<float> image,
        Predictor predictor
    )
    {
        var file = Path.Combine(folder, "images", $"{id}.nii.gz");
        VolumeFile.Write(file, image);
        var summary = PredictionJob.Run(
            predictor,
            [new PredictionInput(id, file, null, null)],
            Path.Combine(folder, "labels"),
            SilentProgress.Instance
        );
        return (
            VolumeFile.ReadLabels(Path.Combine(folder, "labels", $"{id}.nii.gz")),
            [.. summary.Flagged.SelectMany(one => one.Flags)]
        );
    }

    private static double[] Dice(Volume<byte> reference, Volume<byte> prediction) =>
        [
            .. Overlap
                .Count(reference.Voxels, prediction.Voxels, Profile.Classes)
                .Skip(1)
                .Select(overlap => overlap.Dice)
                .OfType<double>(),
        ];

    private static Volume<float> Image(PhantomKnee knee) =>
        new(knee.Image.Grid, Array.ConvertAll(knee.Image.Voxels, value => (float)value));

    private static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
        * Math.Cos(2 * Math.PI * random.NextDouble());

    private static Predictor Open(string run) =>
        Predictor.Open(run, Precision.Auto, CPU, SilentProgress.Instance);

    private sealed record StudyCase(
        string Id,
        string Kind,
        double Dice,
        IReadOnlyList<QualityFlag> Flags
    )
    {
        public int Severe => Flags.Count(flag => flag.Severity == FlagSeverity.Severe);

        // As predict orders cases.
        public (int, int) Rank => (Severe, Flags.Count);
    }
}

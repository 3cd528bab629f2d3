using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Resampling;

namespace KneeSeg.Tests.Data;

/// <summary>
/// nnU-Net's steps before and after the network, against numpy and scipy: bench/peers/nnunet_reference.py wrote
/// <c>nnunet.json</c>.
/// </summary>
public sealed class NnunetPreprocessingTests
{
    private static readonly JsonSerializerOptions Style = new(JsonSerializerDefaults.Web);

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static Dictionary<string, Case> Cases { get; } =
        JsonSerializer
            .Deserialize<Case[]>(
                File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "nnunet.json")),
                Style
            )!
            .ToDictionary(one => one.Name);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_input_is_that_of_the_reference(string name)
    {
        var one = Cases[name];
        var found = one.Preprocessor.ApplyToChannels(one.Images());
        Assert.Equal(one.InputShape[1..], found.Size.Lengths);
        Assert.Equal(one.Input.Length, found.Volume.Voxels.Length);
        for (var i = 0; i < one.Input.Length; i++)
            Assert.Equal(
                one.Input[i],
                found.Volume.Voxels[i],
                1e-5f * Math.Max(1, Math.Abs(one.Input[i]))
            );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_become_the_labels_of_the_reference(string name)
    {
        var one = Cases[name];
        var image = one.Images()[0].Grid;
        var input = one.Preprocessor.ApplyToChannels(one.Images()).Volume.Grid;
        var count = (int)input.Size.Count;
        var resampler = new SliceRangeResampler(input, image, one.Preprocessor.NearestAxis(image));
        var labels = resampler
            .Slices(
                [
                    new(
                        0,
                        input.Size.Z,
                        [one.Logits.AsMemory(0, count), one.Logits.AsMemory(count, count)]
                    ),
                ],
                [1, 0]
            )
            .SelectMany(maps => maps[1].Select((value, i) => (byte)(value > maps[0][i] ? 1 : 0)));
        var found = resampler.Turned<byte>([.. labels]).Voxels;
        Assert.Equal(one.Labels, string.Concat(found));
    }

    [Fact]
    public void A_reader_that_reorients_makes_the_order_of_the_file_irrelevant()
    {
        var one = Cases["thick slices"];
        var preprocessor = one.Preprocessor with
        {
            Nnunet = one.Preprocessor.Nnunet! with { Reorient = true },
        };
        var image = one.Images()[0];
        AxisOrder turn = new(new(1, true), new(2, false), new(0, true));
        var turned = turn.Apply(image);
        Assert.Equal(
            preprocessor.Apply(image).Volume.Voxels,
            preprocessor.Apply(turned).Volume.Voxels
        );
    }

    [Fact]
    public void An_image_of_zeros_is_not_cropped()
    {
        var preprocessor = Cases["isotropic"].Preprocessor with { Spacing = new(1, 1, 1) };
        var grid = Grid.Centered(new(4, 3, 2), new(1, 1, 1), "RAS");
        var found = preprocessor.Apply(new Volume<float>(grid, new float[24]));
        Assert.Equal(new float[24], found.Volume.Voxels);
        Assert.Equal(preprocessor.TargetFor(grid), found.Volume.Grid);
    }

    private sealed record Case(
        string Name,
        int[] Shape,
        float[] Stored,
        double[] StoredSpacing,
        JsonElement Plan,
        int[] InputShape,
        float[] Input,
        float[] Logits,
        string Labels
    )
    {
        public Preprocessor Preprocessor
        {
            get
            {
                var spacing = Listed("spacing");
                return new(
                    spacing is [var height, var width]
                        ? new(1, height, width)
                        : new(spacing[0], spacing[1], spacing[2])
                )
                {
                    Nnunet = new(
                        [.. Listed("transpose_forward").Select(axis => (int)axis)],
                        [.. Enumerable.Range(0, Shape[0]).Select(Intensity)]
                    )
                    {
                        Planar = spacing.Length == 2,
                    },
                };
            }
        }

        public Volume<float>[] Images()
        {
            var size = new Size3(Shape[3], Shape[2], Shape[1]);
            var grid = Grid.Centered(
                size,
                new(StoredSpacing[2], StoredSpacing[1], StoredSpacing[0]),
                "RAS"
            );
            return [.. Stored.Chunk((int)size.Count).Select(one => new Volume<float>(grid, one))];
        }

        private NnunetIntensity Intensity(int channel)
        {
            switch (Plan.GetProperty("normalization_schemes")[channel].GetString())
            {
                case "ZScoreNormalization":
                    return new(NnunetScheme.ZScore)
                    {
                        InMask = Plan.GetProperty("use_mask_for_norm")[channel].GetBoolean(),
                    };
                case "CTNormalization":
                    var known = Plan.GetProperty("foreground_intensity_properties_per_channel")
                        .GetProperty($"{channel}");
                    double Number(string name) => known.GetProperty(name).GetDouble();
                    return new(NnunetScheme.Ct)
                    {
                        Low = Number("percentile_00_5"),
                        High = Number("percentile_99_5"),
                        Mean = Number("mean"),
                        Deviation = Number("std"),
                    };
                default:
                    return new(NnunetScheme.None);
            }
        }

        private double[] Listed(string name) =>
            [.. Plan.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
    }
}

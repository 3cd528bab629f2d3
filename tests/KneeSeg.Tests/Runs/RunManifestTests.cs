using System.Text.Json.Nodes;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Imaging.Formats;
using KneeSeg.Runs;
using KneeSeg.Tests.Data;

namespace KneeSeg.Tests.Runs;

/// <summary><c>run.json</c>: the text of every field, and what is read back.</summary>
public sealed class RunManifestTests
{
    private const string FirstPreprocessing =
        """{"orientation":"PIR","spacing":[1,1,1],"percentiles":[0.5,99.5]}""";

    private static readonly RunManifest Run = new(
        RunManifest.CurrentFormat,
        "unet3d+tiny",
        "5219081ea21dd85c",
        Networks.Parse("unet3d+tiny"),
        new Recipe(),
        new(16, 32, 32),
        new Preprocessor(new(.7, 1 / 3.0, .365)),
        "two",
        ["background", "cartilage"],
        "knees",
        "fingerprint",
        new Dictionary<Split, IReadOnlyList<string>>
        {
            [Split.Train] = ["a", "b"],
            [Split.Validation] = [],
            [Split.Test] = ["c"],
        },
        "0.2.0"
    )
    {
        Mirror = new([ModelAxis.Depth], [new(1, 2)]),
        Images = new(new(1, 2, 3), [new(50, -.5, .5)]),
        Contents = new Dictionary<string, CaseHashes> { ["a"] = new("1", "2") },
    };

    [Fact]
    public void The_text_is_that_of_format_2()
    {
        var json = JsonNode.Parse(Run.Write())!;
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(Networks.Parse("unet3d+tiny").Json), json["spec"])
        );
        json["spec"] = null;
        Assert.Equal(
            """{"format":2,"network":"unet3d\u002Btiny","hash":"5219081ea21dd85c","spec":null,"recipe":{"epochs":50,"stepsPerEpoch":100,"batchSize":2,"patch":"","spacing":"","interpolation":"linear","labelInterpolation":"nearest","overlaps":"lowest","intensity":"percentiles","centerCrop":"","inputNoise":0,"loss":"dice-ce","optimizer":"adamW","learningRate":0.003,"schedule":"cosine","warmup":20,"decayFactor":0.9,"decayEvery":3,"minLearningRate":0,"momentum":0.9,"weightDecay":0.01,"gradientClip":5,"emaDecay":0.999,"accumulationSteps":1,"foregroundFraction":0.67,"sampling":"uniform","resampleEmpty":false,"mirror":true,"augmentation":"default","binary":false,"validateEvery":5,"seed":1},"patch":[16,32,32],"preprocessing":{"orientation":"PIR","spacing":[0.7,0.3333333333333333,0.365],"percentiles":[0.5,99.5],"intensity":"percentiles","interpolation":"linear","crop":null,"labels":"nearest","overlaps":"lowest"},"profile":"two","labels":["background","cartilage"],"data":"knees","fingerprint":"fingerprint","cases":{"train":["a","b"],"validation":[],"test":["c"]},"version":"0.2.0","from":"","mirror":{"axes":["Depth"],"swap":[{"first":1,"second":2}]},"images":{"spacing":{"depth":1,"height":2,"width":3},"intensities":[{"percentile":50,"min":-0.5,"max":0.5}]},"contents":{"a":{"image":"1","labels":"2"}}}""",
            json.ToJsonString()
        );
    }

    [Fact]
    public void A_run_survives_being_stored()
    {
        Preprocessor[] some =
        [
            new(new(.7, 1 / 3.0, .365), 1, 99),
            new(new(1, 1, 1), Intensity: NormalizationMethod.Constant, Crop: new(100, 90.5, 80)),
            new(
                new(1, 1, 1),
                Intensity: NormalizationMethod.ZScore,
                Interpolation: Interpolation.Cubic
            ),
            new(new(1, 1, 1), Labels: LabelInterpolation.Linear, Overlaps: OverlapRule.Refused),
            new(new(1, 1, 1))
            {
                Nnunet = new(
                    [2, 0, 1],
                    [
                        new(NnunetScheme.ZScore) { InMask = true },
                        new(NnunetScheme.Ct)
                        {
                            Low = -100.5,
                            High = 300,
                            Mean = 90,
                            Deviation = 1 / 3.0,
                        },
                    ]
                )
                {
                    Planar = true,
                },
            },
        ];
        foreach (var preprocessor in some)
        {
            var run = Run with
            {
                Preprocessing = preprocessor,
                Recipe = Recipes.Named["published-vnet"] with
                {
                    Patch = new(null, 96, 64),
                    Spacing = new(.7, .365, 1 / 3.0),
                    CenterCrop = new(100, 130.5, 130),
                },
                IgnoreValue = 9,
            };
            var back = RunManifest.Read(run.Write(), "run.json");
            Assert.Equal(run.Write(), back.Write());
            Assert.Equal(run.Recipe, back.Recipe);
            Assert.Equal(preprocessor, back.Preprocessing);
            Assert.Equal(run.Patch, back.Patch);
            Assert.Equal((byte)9, back.Schema.Ignore);
        }
    }

    [Fact]
    public void A_run_of_the_first_version_is_still_read()
    {
        var json = JsonNode.Parse(Run.Write())!.AsObject();
        json["preprocessing"] = JsonNode.Parse(FirstPreprocessing);
        foreach (var later in new[] { "mirror", "images", "contents" })
            json.Remove(later);
        var run = RunManifest.Read(json.ToJsonString(), "run.json");
        Assert.Equal(new Preprocessor(new(1, 1, 1)), run.Preprocessing);
        Assert.Null(run.Mirror);
    }

    [Theory]
    [InlineData("format", "3")]
    [InlineData("spec", """{"format":2,"name":"odd"}""")]
    [InlineData("patch", "[16,32]")]
    [InlineData("recipe", """{"loss":"later-loss"}""")]
    [InlineData("recipe", """{"epochs":"many"}""")]
    [InlineData("preprocessing", "{}")]
    [InlineData("preprocessing", "7")]
    [InlineData("preprocessing", """{"spacing":"wide"}""")]
    [InlineData(
        "preprocessing",
        """{"orientation":"RAS","spacing":[1,1,1],"percentiles":[0.5,99.5]}"""
    )]
    [InlineData(
        "preprocessing",
        """{"orientation":"PIR","spacing":[1,0,1],"percentiles":[0.5,99.5]}"""
    )]
    [InlineData(
        "preprocessing",
        """{"orientation":"PIR","spacing":[1,1,1],"percentiles":[99,1]}"""
    )]
    public void A_run_of_another_version_is_refused(string field, string value)
    {
        var json = JsonNode.Parse(Run.Write())!;
        json[field] = JsonNode.Parse(value);
        Problems.Assert(
            ExitCode.Checkpoint,
            "can't be read by this version",
            "train again",
            () => RunManifest.Read(json.ToJsonString(), "run.json")
        );
    }
}

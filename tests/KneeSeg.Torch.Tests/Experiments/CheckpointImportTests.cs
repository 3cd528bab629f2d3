using KneeSeg.Dsl;
using KneeSeg.Experiments;
using KneeSeg.Experiments.Import;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Torch.Tests.Inference;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>A file of weights becomes a run with the same weights, or an error says what is missing.</summary>
public sealed class CheckpointImportTests : IDisposable
{
    private const string Spec = "monai-basic-unet+tiny";
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string this[string name] => Path.Combine(folder, name);

    private ImportRequest Request(string file) =>
        new(
            this[file],
            Networks.Parse(Spec),
            new Recipe { Spacing = new(6, 3, 3), Patch = new(32, 32, 32) },
            this["run"]
        )
        {
            Labels = "background,cartilage,meniscus",
        };

    // The network's weights under other names.
    private TorchNetwork Written(string file, Func<string, string> rename)
    {
        var network = new TorchNetwork(Networks.Load(Spec, 1, 3), seed: 5);
        new SafetensorsFile(
            network
                .state_dict()
                .ToDictionary(pair => rename(pair.Key), pair => TensorBytes.Store(pair.Value)),
            new Dictionary<string, string>()
        ).Write(this[file]);
        return network;
    }

    private static void AssertEqual(TorchNetwork expected, string run)
    {
        using var member = TrainedNetwork.Open(run, CPU, SilentProgress.Instance);
        using var quiet = no_grad();
        using var image = randn([1, 1, 32, 32, 32]);
        Assert.True(member.Network.forward(image).allclose(expected.forward(image)));
    }

    [Fact]
    public void A_run_of_imported_weights_predicts_with_them()
    {
        using var network = Written("a.safetensors", name => $"model.{name}");
        CheckpointImport.Run(Request("a.safetensors"), SilentProgress.Instance);
        AssertEqual(network, this["run"]);
        var run = RunFolder.Open(this["run"]).Describe();
        Assert.Equal(["background", "cartilage", "meniscus"], run.Labels);
        Assert.Equal((new(6, 3, 3), "a.safetensors"), (run.Preprocessing.Spacing, run.From));
        Assert.Equal("imported", RunList.Find(this["run"]).Single().State);
    }

    [Fact]
    public void Unknown_names_are_used_once_their_match_has_been_written_and_given_back()
    {
        var names = new Dictionary<string, string>();
        using var network = Written(
            "a.safetensors",
            name =>
            {
                var dot = name.LastIndexOf('.');
                names.TryAdd(name[..dot], $"part{names.Count:00}");
                return names[name[..dot]] + name[dot..];
            }
        );
        var request = Request("a.safetensors") with { Keys = this["keys.txt"] };
        var problem = Assert.Throws<ProblemException>(() =>
            CheckpointImport.Run(request, SilentProgress.Instance)
        );
        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.False(RunFolder.Exists(request.Run));

        Assert.Equal(names.Count, File.ReadAllLines(request.Keys).Length);
        File.WriteAllLines(request.Keys, names.Select(pair => $"{pair.Key} = {pair.Value}"));
        CheckpointImport.Run(request, SilentProgress.Instance);
        AssertEqual(network, request.Run);
    }

    [Fact]
    public void Whatever_a_checkpoint_does_not_tell_has_to_be_said()
    {
        using var _ = Written("a.safetensors", name => name);
        var request = Request("a.safetensors");
        Refused(request with { Labels = null }, ExitCode.Usage, "which structures it segments");
        Refused(
            request with
            {
                Labels = "oai",
            },
            ExitCode.Usage,
            "neither a label map nor a list of names"
        );
        Refused(request with { Recipe = new() }, ExitCode.Usage, "which voxel spacing");
        Refused(
            request with
            {
                Labels = "a,b",
            },
            ExitCode.Checkpoint,
            "does not fit monai-basic-unet+tiny"
        );
        Refused(
            request with
            {
                Checkpoint = this["none.pth"],
            },
            ExitCode.Checkpoint,
            "can't be read as weights"
        );
        CheckpointImport.Run(request, SilentProgress.Instance);
        Refused(request, ExitCode.Usage, "is a run already");
    }

    private static void Refused(ImportRequest request, ExitCode exit, string because)
    {
        var problem = Assert.Throws<ProblemException>(() =>
            CheckpointImport.Run(request, SilentProgress.Instance)
        );
        Assert.Equal(exit, problem.Exit);
        Assert.Contains(because, problem.Message);
    }
}

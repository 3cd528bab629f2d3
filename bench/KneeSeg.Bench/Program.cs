using System.Text.Json;
using KneeSeg.Bench;
using KneeSeg.Bench.Memory;
using KneeSeg.Bench.Predicting;
using KneeSeg.Bench.Training;

const string memory = "memory";
Dictionary<string, Func<Ratio>> benches = new()
{
    ["training"] = TrainingBench.Run,
    ["training-fp32"] = TrainingBench.RunFp32,
    ["training-pytorch"] = TrainingBench.RunPyTorch,
    ["precision"] = PrecisionBench.Run,
    ["family"] = FamilyBench.Run,
    ["reading"] = ReadingBench.Run,
    ["loading"] = LoadingBench.Run,
    ["resampling"] = ResamplingBench.Run,
    ["predicting"] = PredictingBench.Run,
};
var json = args.Contains("--json");
var words = args.Where(word => word != "--json").ToArray();

switch (words)
{
    case [TrainingBench.Child, var side]:
        TrainingBench.Serve(side);
        return 0;
    case [PublishedBench.Child, var network, var side]:
        PublishedBench.Serve(network, side);
        return 0;
    case [NetworkBench.Child, var network, var size, var work, var side]:
        NetworkBench.Serve(network, Array.ConvertAll(size.Split('x'), int.Parse), work, side);
        return 0;
    case [MemoryBench.Child, .. var work]:
        Console.WriteLine(MemoryWork.Measure(MemoryCase.Of(work)));
        return 0;
    case ["augmentations", var folder]:
        AugmentationPictures.Write(folder);
        return 0;
    case ["soak", .. var steps] when steps.Length <= 1:
        return SoakBench.Run(steps is [var many] ? int.Parse(many) : 2000) ? 0 : 1;
    case ["scale", .. var cases] when cases.Length is 0 or 2:
        var (count, lengths) = cases is [var number, var voxels]
            ? (int.Parse(number), Array.ConvertAll(voxels.Split('x'), int.Parse))
            : (40, [40, 96, 96]);
        return ScaleBench.Run(count, new(lengths[0], lengths[1], lengths[2])) ? 0 : 1;
    case [memory, .. var only] when only.Length <= 1:
        MemoryBench.Run(only.FirstOrDefault() ?? "", json);
        return 0;
    case ["kernels"]:
        foreach (var ratio in KernelBench.Run())
            Say(ratio);
        return 0;
    case ["published", .. var only] when only.Length <= 1:
        foreach (var ratio in PublishedBench.Run(only.FirstOrDefault()))
            Say(ratio);
        return 0;
    case ["zoo", .. var only] when only.Length <= 1:
        foreach (var ratio in NetworkBench.Zoo(only.FirstOrDefault()))
            Say(ratio);
        return 0;
    case ["scaling"]:
        foreach (var ratio in NetworkBench.Scaling())
            Say(ratio);
        return 0;
    case ["onnx", .. var only] when only.Length <= 1:
        OnnxBench.Run(only.FirstOrDefault());
        return 0;
    case ["fuzz", .. { Length: > 0 } files]:
        return WeightsFuzz.Run(files) ? 0 : 1;
    case ["pytorch", var folder, .. var only] when only.Length <= 1:
        PyTorchBench.Run(folder, only.FirstOrDefault());
        return 0;
    case ["logits", var run, var file]:
        return LogitsCheck.Run(run, file) ? 0 : 1;
    case ["quality", var folder]:
        QualityStudy.Run(folder);
        return 0;
    case ["plan", var folder]:
        PlanTable.Run(folder);
        return 0;
    case ["change", var folder]:
        ChangeStudy.Run(folder);
        return 0;
    case ["metrics", var monai]:
        Say(MetricsBench.Run(monai));
        return 0;
    case [var name] when benches.TryGetValue(name, out var bench):
        Say(bench());
        return 0;
    default:
        Console.Error.WriteLine(
            $"usage: bench/run NAME [--json]   with one of: {string.Join(", ", benches.Keys)}, {memory} [NETWORK], kernels, published [NETWORK], zoo [NETWORK], scaling, onnx [NETWORK], soak [STEPS], scale [CASES DxHxW], metrics MONAI_CHECKOUT, fuzz FILE... (of weights), logits RUN FILE (of bench/import.sh), pytorch FOLDER [NETWORK] (of bench/pytorch.sh), quality FOLDER (of bench/quality.sh), change FOLDER (of bench/change.sh), plan FOLDER (of bench/plan.sh), augmentations FOLDER (writes the pictures of docs/explanation/patches.md)"
        );
        return 2;
}

void Say(Ratio ratio) =>
    Console.WriteLine(
        json
            ? JsonSerializer.Serialize(ratio, JsonSerializerOptions.Web)
            : $"{ratio.Name}: {ratio.Ours:0.000} s against {ratio.Peer:0.000} s, {ratio.Value:0.00} of it"
    );

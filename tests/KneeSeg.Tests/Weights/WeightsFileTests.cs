using System.IO.Compression;
using System.Text;
using KneeSeg.Weights;
using static KneeSeg.Tests.Weights.PyTorchBytes;

namespace KneeSeg.Tests.Weights;

/// <summary>Weights of other programs: what PyTorch wrote is read, and no file does anything but be read.</summary>
public sealed class WeightsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    private string At => Path.Combine(folder, "a.pth");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // Written by PyTorch 1.13 (bench/pytorch_files.py).
    private static string PyTorch(string name) =>
        Path.Combine(AppContext.BaseDirectory, "Weights", name);

    [Theory]
    [InlineData("pytorch.pth")]
    [InlineData("pytorch-legacy.pth")]
    public void The_tensors_are_those_that_PyTorch_saved(string name)
    {
        using var file = WeightsFile.Open(PyTorch(name));
        Assert.Equal(
            "whole turned part half brain double count parameter repeated".Split(),
            file.Tensors.Keys
        );
        Assert.Equal(("network_weights", "module."), (file.Place, file.Prefix));
        float[] Values(string tensor) => file.Read(file.Tensors[tensor]);
        var counting = Enumerable.Range(0, 24).Select(i => (float)i).ToArray();
        Assert.Equal([2, 3, 4], file.Tensors["whole"].Shape);
        Assert.Equal(counting, Values("whole"));
        Assert.Equal(counting, Values("brain"));
        Assert.Equal(counting, Values("double"));
        Assert.Equal(counting.Select(x => x / 8), Values("half"));
        Assert.Equal([4, 2, 3], file.Tensors["turned"].Shape);
        Assert.Equal([0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21], Values("turned")[..12]);
        Assert.Equal([13, 14, 17, 18], Values("part"));
        Assert.Equal(counting[..12], Values("parameter"));
        Assert.Equal(Enumerable.Repeat(1f, 12), Values("repeated"));
        Assert.Equal("I64[]", file.Tensors["count"].Form);
    }

    [Theory]
    [InlineData("pytorch.pth")]
    [InlineData("pytorch-legacy.pth")]
    public void What_a_checkpoint_has_beside_weights_can_be_asked_for(string name)
    {
        using var file = WeightsFile.Open(PyTorch(name));
        Assert.Equal("3d_fullres", file.Find("init_args", "configuration"));
        Assert.Equal(new object[] { 0L, 1L, 2L }, file.Find("inference_allowed_mirroring_axes"));
        Assert.Equal(0.5, file.Find("_best_ema"));
        Assert.Equal(new object[] { 0.25, 0.5 }, file.Find("logging", "mean_fg_dice"));
        Assert.Equal("cuda:0", file.Find("init_args", "device"));
        Assert.Equal("1180591620717411303424", file.Find("large")?.ToString());
        Assert.Null(file.Find("init_args", "plans"));
        Assert.Null(file.Find("trainer_name", "further"));
    }

    [Fact]
    public void Tensors_over_the_same_bytes_are_known_for_that()
    {
        var tensor = Tensor("0", 4, 0, [2, 2], [2, 1]);
        var two = "}" + Text("a") + tensor + "s" + Text("b") + tensor + "s";
        var turned = Text("c") + Tensor("0", 4, 0, [2, 2], [1, 2]) + "s";
        File.WriteAllBytes(At, FileOf("model", two + turned, ("a/data/0", new byte[16])));
        using var file = WeightsFile.Open(At);
        Assert.True(file.Tensors["a"].IsSameAs(file.Tensors["b"]));
        Assert.False(file.Tensors["a"].IsSameAs(file.Tensors["c"]));
    }

    [Fact]
    public void Safetensors_of_others_need_no_hash_and_may_have_any_order_and_type()
    {
        const string header =
            """{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}   """;
        File.WriteAllBytes(
            At,
            [
                .. BitConverter.GetBytes((long)header.Length),
                .. Encoding.UTF8.GetBytes(header),
                .. new byte[8],
                .. BitConverter.GetBytes((Half)1.5f),
                .. BitConverter.GetBytes((Half)(-2)),
            ]
        );
        using var file = WeightsFile.Open(At);
        Assert.Equal(["a", "b"], file.Tensors.Keys);
        Assert.Equal([1.5f, -2], file.Read(file.Tensors["b"]));
        var problem = Assert.Throws<ProblemException>(() => file.Read(file.Tensors["a"]));
        Assert.Contains("I64[] has no floats", problem.Message);
    }

    public static TheoryData<byte[], string> Refused()
    {
        byte[] Pickle(string opcodes) => Zip([("a/data.pkl", Latin("\u0080\u0002" + opcodes))]);
        byte[] Weights(string tensor) => FileOf("w", tensor, ("a/data/0", new byte[16]));
        byte[] One(string key) => Weights(Tensor(key, 4, 0, [2, 2], [2, 1]));
        var good = One("0");
        var zeros = new byte[1 << 20];
        return new()
        {
            { Pickle("cos\nsystem\n" + Text("echo 1") + "\u0085R."), "names os.system" },
            { Pickle("c__builtin__\neval\n" + Text("1") + "\u0085R."), "names __builtin__.eval" },
            { Pickle("cposix\nsystem\n."), "names posix.system" },
            { Pickle("csubprocess\nPopen\n."), "names subprocess.Popen" },
            { Pickle("crunpy\n_run_code\n."), "names runpy._run_code" },
            { Latin("\u0080\u0002cos\nsystem\n" + Text("echo 1") + "\u0085R."), "names os.system" },
            {
                Pickle("ctorch.nn.modules.conv\nConv3d\n)\u0081}b."),
                "an object of torch.nn.modules.conv.Conv3d"
            },
            { Pickle("}" + Text("model") + "cmy.net\nNet\n)\u0081s."), "an object of my.net.Net" },
            { Pickle("\u0080\u0004."), "a pickle of protocol 4" },
            { Pickle("\u0095."), "the opcode 0x95" },
            { Pickle("i."), "the opcode 0x69" },
            { Pickle("}"), "it is cut off" },
            { Pickle("h\u0005."), "recalls a value 5" },
            { Pickle("s."), "takes more values" },
            { Pickle("N(a."), "takes more values" },
            { Pickle("t."), "takes more values" },
            { Pickle("NN."), "ends with 2 values" },
            { Pickle("(N."), "ends with 1 values" },
            { Pickle("}N\u0085R."), "calls what is no function" },
            { Pickle("X\u00ff\u00ff\u00ff\u00ff."), "claims a text of 4294967295 bytes" },
            { Pickle("c" + new string('a', 1000)), "more than 256 letters" },
            { Pickle("N."), "no dictionary of tensors" },
            { Pickle(new string('(', 1 << 19)), "too many values" },
            {
                Pickle(
                    string.Concat(Enumerable.Repeat("}" + Text("a"), 300))
                        + "N"
                        + new string('s', 300)
                        + "."
                ),
                "nested"
            },
            { One("1"), "should have 16 bytes and has 0" },
            { One("../0"), "the key '../0', which is no number" },
            { Weights(Tensor("0", -4, 0, [2], [1])), "has -4 elements" },
            { Weights(Tensor("0", 5, 0, [2], [1])), "should have 20 bytes and has 16" },
            {
                Weights(Tensor("0", long.MaxValue, 0, [2], [1])),
                "should have 36893488147419103228 bytes"
            },
            { Weights(Tensor("0", 4, 0, [-2, 2], [2, 1])), "negative size" },
            { Weights(Tensor("0", 4, -1, [2], [1])), "negative size" },
            { Weights(Tensor("0", 4, 0, [2], [-1])), "negative size" },
            { Weights(Tensor("0", 4, 0, [3, 2], [2, 1])), "reaches beyond the 4 elements" },
            { Weights(Tensor("0", 4, 0, [2], [long.MaxValue])), "reaches beyond the 4 elements" },
            { Weights(Tensor("0", 4, 3, [2], [1])), "reaches beyond the 4 elements" },
            { Weights(Tensor("0", 4, 0, [long.MaxValue], [0])), "more than 2^29 elements" },
            { Weights(Tensor("0", 4, 0, [1L << 32, 1L << 32], [0, 0])), "more than 2^29 elements" },
            { Weights(Tensor("0", 4, 0, [1 << 20, 100], [0, 0])), "much larger than the file" },
            {
                Weights(
                    Tensor("0", 4, 0, [1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1])
                ),
                "8 axes is the most"
            },
            {
                Weights(Tensor("0", 4, 0, [2], [1]).Replace("FloatStorage", "ComplexFloatStorage")),
                "ComplexFloatStorage, which can't be read"
            },
            {
                FileOf(
                    "w",
                    Tensor("0", 4, 0, [2], [1]),
                    ("a/data/0", new byte[16]),
                    ("a/byteorder", Latin("big"))
                ),
                "big-endian"
            },
            { FileOf("w", "N", ("a/constants.pkl", Latin("N."))), "TorchScript" },
            { FileOf("w", "N", ("b/data.pkl", Latin("N."))), "without the one data.pkl" },
            { Zip([("a/data.pkl", zeros)], CompressionLevel.Optimal), "is compressed" },
            { Zip([("a/data.pkl", zeros), ("a/data.pkl", zeros)]), "occurs twice" },
            { Overlapping(good), "entries overlap" },
            { good[..^40], "cut off or altered" },
            { [0x89, .. "HDF\r\n....."u8], "neither a safetensors file nor one of PyTorch" },
            { [], "neither a safetensors file nor one of PyTorch" },
        };
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_file_that_is_altered_or_was_made_to_do_harm_is_refused(
        byte[] bytes,
        string because
    )
    {
        File.WriteAllBytes(At, bytes);
        var problem = Assert.Throws<ProblemException>(() => WeightsFile.Open(At));
        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.Contains(because, problem.Message);
    }

    // The second entry's place in the directory becomes that of the first.
    private static byte[] Overlapping(byte[] zip)
    {
        var directory = BitConverter.ToInt32(zip, zip.Length - 6);
        var second = directory + 46 + BitConverter.ToUInt16(zip, directory + 28);
        zip = [.. zip];
        zip.AsSpan(directory + 42, 4).CopyTo(zip.AsSpan(second + 42));
        return zip;
    }

    [Fact]
    public void Dictionaries_that_have_one_another_twice_are_walked_through_once()
    {
        // 2^100 of them, were they followed wherever they are named.
        var bomb = "}";
        for (var i = '\u0001'; i <= 100; i++)
            bomb = "}" + Text("a") + bomb + $"q{i}s" + Text("b") + $"h{i}s";
        var tensor = Text("w") + Tensor("0", 4, 0, [4], [1]);
        File.WriteAllBytes(At, FileOf("bomb", bomb + "s" + tensor, ("a/data/0", new byte[16])));
        using var file = WeightsFile.Open(At);
        Assert.Equal(["w"], file.Tensors.Keys);
    }

    [Theory]
    [InlineData("pytorch.pth")]
    [InlineData("pytorch-legacy.pth")]
    public void A_file_with_bytes_changed_is_read_or_refused_and_nothing_else(string name)
    {
        var original = File.ReadAllBytes(PyTorch(name));
        var random = new Random(1);
        for (var i = 0; i < 1500; i++)
        {
            var bytes = original[..(i % 4 == 0 ? random.Next(original.Length) : original.Length)];
            for (var changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(At, bytes);
            try
            {
                using var file = WeightsFile.Open(At);
                foreach (var tensor in file.Tensors.Values.Where(tensor => tensor.IsFloat))
                    _ = file.Read(tensor);
            }
            catch (ProblemException e) when (e.Exit == ExitCode.Checkpoint) { }
        }
    }
}

using System.Text;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KneeSeg.Weights;

namespace KneeSeg.Tests.Weights;

/// <summary>Checkpoint files: what is written comes back, and nothing else is taken for one.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    private string At => Path.Combine(folder, "a.safetensors");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Property(MaxTest = 30)]
    public void What_is_written_comes_back(float[] first, byte[] second, string text)
    {
        var file = new SafetensorsFile(
            new Dictionary<string, StoredTensor>
            {
                ["b"] = new(
                    TensorType.F32,
                    [first.Length],
                    first.SelectMany(BitConverter.GetBytes).ToArray()
                ),
                ["a"] = new(TensorType.U8, [1, second.Length], second),
            },
            new Dictionary<string, string>
            {
                ["note"] = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")),
            }
        );
        file.Write(At);
        var back = SafetensorsFile.Read(At);
        Assert.Equal(file.Metadata, back.Metadata);
        foreach (var (name, tensor) in file.Tensors)
        {
            Assert.Equal(tensor.Form, back.Tensors[name].Form);
            Assert.Equal(tensor.Data, back.Tensors[name].Data);
        }
    }

    [Fact]
    public void The_layout_is_that_of_the_format()
    {
        Small().Write(At);
        var bytes = File.ReadAllBytes(At);
        var length = BitConverter.ToInt64(bytes);
        var header = Encoding.UTF8.GetString(bytes, 8, (int)length);
        Assert.Equal(0, (length + 8) % 8);
        Assert.Contains("\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}", header);
        Assert.Equal(1.5f, BitConverter.ToSingle(bytes, 8 + (int)length));
    }

    [Fact]
    public void Any_flipped_bit_is_noticed_wherever_it_is()
    {
        Small().Write(At);
        var bytes = File.ReadAllBytes(At);
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(At, bytes);
            Assert.Equal(
                ExitCode.Checkpoint,
                Assert.Throws<ProblemException>(() => SafetensorsFile.Read(At)).Exit
            );
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
        File.WriteAllBytes(At, bytes);
        Assert.Equal("17", SafetensorsFile.Read(At).Metadata["step"]);
    }

    [Theory]
    [InlineData(0, "too short")]
    [InlineData(5, "too short")]
    [InlineData(40, "claims a header")]
    [InlineData(-1, "declares")]
    public void A_file_that_was_cut_is_refused(int length, string because)
    {
        Small().Write(At);
        var bytes = File.ReadAllBytes(At);
        File.WriteAllBytes(At, bytes[..(length < 0 ? bytes.Length + length : length)]);
        Refused(because);
    }

    [Theory]
    [InlineData("{{{", "can't be read")]
    [InlineData("[]", "can't be read")]
    [InlineData("{\"w\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}", "unknown type")]
    [InlineData(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}",
        "can't be read"
    )]
    [InlineData(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        "does not match its shape"
    )]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "declares")]
    [InlineData(
        "{\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "does not start where"
    )]
    [InlineData("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "no hash")]
    public void A_header_that_lies_is_refused(string header, string because)
    {
        File.WriteAllBytes(
            At,
            [
                .. BitConverter.GetBytes((long)header.Length),
                .. Encoding.UTF8.GetBytes(header),
                0,
                0,
                0,
                0,
            ]
        );
        Refused(because);
    }

    private static SafetensorsFile Small() =>
        new(
            new Dictionary<string, StoredTensor>
            {
                ["w"] = new(
                    TensorType.F32,
                    [2],
                    [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)]
                ),
            },
            new Dictionary<string, string> { ["step"] = "17" }
        );

    private void Refused(string because)
    {
        var problem = Assert.Throws<ProblemException>(() => SafetensorsFile.Read(At));
        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.Contains(because, problem.Message);
    }
}

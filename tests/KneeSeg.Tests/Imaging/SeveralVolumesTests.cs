using System.IO.Compression;
using System.Text;
using KneeSeg.Imaging.Files;
using KneeSeg.Tests.Data;

namespace KneeSeg.Tests.Imaging;

/// <summary>Files of several volumes, of which the path names one.</summary>
public sealed class SeveralVolumesTests : IDisposable
{
    // Two volumes of 2×3×2 voxels: 0 to 11, and 100 to 111.
    private static readonly float[] First = [.. Enumerable.Range(0, 12)];
    private static readonly float[] Second = [.. Enumerable.Range(100, 12)];

    private static readonly byte[] Wholes = Bytes(First.Concat(Second));
    private static readonly byte[] Pairs = Bytes(
        First.Zip(Second).SelectMany(pair => new[] { pair.First, pair.Second })
    );

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string, bool> Headers() =>
        new()
        {
            { "lists.nrrd", Nrrd("2 2 3 2", "none (1,0,0) (0,1,0) (0,0,1)"), true },
            { "times.nrrd", Nrrd("2 3 2 2", "(1,0,0) (0,1,0) (0,0,1) none"), false },
            { "zipped.nrrd", Nrrd("2 2 3 2", "none (1,0,0) (0,1,0) (0,0,1)", "gzip"), true },
            {
                "channels.mha",
                Meta("NDims = 3\nDimSize = 2 3 2\nElementNumberOfChannels = 2"),
                true
            },
            {
                "times.mha",
                Meta(
                    "NDims = 4\nDimSize = 2 3 2 2\nElementSpacing = 1 1 1 1\nOffset = 0 0 0 0\n"
                        + "TransformMatrix = 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"
                ),
                false
            },
            {
                "zipped.mha",
                Meta(
                    "NDims = 3\nDimSize = 2 3 2\nElementNumberOfChannels = 2\nCompressedData = True"
                ),
                true
            },
            {
                "last.mha",
                Meta("HeaderSize = -1\nNDims = 3\nDimSize = 2 3 2\nElementNumberOfChannels = 2"),
                true
            },
        };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Each_volume_is_read_by_its_number(string name, string header, bool interleaved)
    {
        Write(name, header, interleaved ? Pairs : Wholes);
        Assert.Equal(2, VolumeFile.CountVolumes(folder[name]));
        Assert.Equal(First, VolumeFile.ReadImage(folder[$"{name}#volume=1"]).Voxels);
        List<string> warnings = [];
        var second = VolumeFile.ReadImage(folder[$"{name}#volume=2"], warn: warnings.Add);
        Assert.Equal(Second, second.Voxels);
        Assert.DoesNotContain(warnings, warning => warning.Contains("extra bytes"));
        Assert.Equal(
            Array.ConvertAll(Second, value => (byte)value),
            VolumeFile.ReadLabels(folder[$"{name}#volume=2"]).Voxels
        );
        Problems.Assert(
            ExitCode.Data,
            "it has 4 dimensions: 2 volumes",
            $"{name}#volume=1",
            () => VolumeFile.ReadImage(folder[name])
        );
        Problems.Assert(
            ExitCode.Data,
            "is none of its 2 volumes",
            "#volume=2",
            () => VolumeFile.ReadImage(folder[$"{name}#volume=3"])
        );
    }

    // numpy's axes are depth, height, width: its usual order has width fastest.
    [Theory]
    [InlineData("False")]
    [InlineData("True")]
    public void Volumes_are_the_first_of_four_axes_of_an_array(string fortran)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': {fortran}, 'shape': (2, 2, 3, 2), }}";
        var padded = header.PadRight(117) + "\n";
        byte[] start = [0x93, .. "NUMPY"u8, 1, 0, (byte)padded.Length, 0];
        File.WriteAllBytes(
            folder["a.npy"],
            [.. start, .. Encoding.ASCII.GetBytes(padded), .. fortran == "True" ? Pairs : Wholes]
        );
        Assert.Equal(2, VolumeFile.CountVolumes(folder["a.npy"]));
        var read = VolumeFile.ReadImage(folder["a.npy#volume=2"], new(3, 2, 1));
        Assert.Equal(new(2, 3, 2), read.Grid.Size);
        // In volumes depth is fastest.
        float[] expected =
            fortran == "True"
                ? Second
                :
                [
                    .. from width in Enumerable.Range(0, 2)
                    from height in Enumerable.Range(0, 3)
                    from depth in Enumerable.Range(0, 2)
                    select 100f + (depth * 3 + height) * 2 + width,
                ];
        Assert.Equal(expected, read.Voxels);
    }

    [Fact]
    public void A_short_file_is_refused_with_all_that_it_needs()
    {
        Write(
            "short.mha",
            Meta("NDims = 3\nDimSize = 2 3 2\nElementNumberOfChannels = 2"),
            Wholes[..40]
        );
        Problems.Assert(
            ExitCode.Data,
            "need 96 bytes, but it has 40",
            "truncated",
            () => VolumeFile.ReadImage(folder["short.mha#volume=1"])
        );
    }

    private static byte[] Bytes(IEnumerable<float> values) =>
        [.. values.SelectMany(BitConverter.GetBytes)];

    private static string Nrrd(string sizes, string directions, string encoding = "raw") =>
        $"NRRD0004\ntype: float\ndimension: 4\nspace: left-posterior-superior\nsizes: {sizes}\n"
        + $"space directions: {directions}\nspace origin: (0,0,0)\nendian: little\nencoding: {encoding}\n\n";

    private static string Meta(string fields) =>
        $"ObjectType = Image\n{fields}\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n";

    private void Write(string name, string header, byte[] voxels)
    {
        using var file = File.Create(folder[name]);
        file.Write(Encoding.ASCII.GetBytes(header));
        using Stream data =
            header.Contains("gzip") ? new GZipStream(file, CompressionMode.Compress)
            : header.Contains("CompressedData") ? new ZLibStream(file, CompressionMode.Compress)
            : file;
        data.Write(voxels);
    }
}

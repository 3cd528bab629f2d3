using System.Text;
using FsCheck.Xunit;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

[Properties(Arbitrary = [typeof(Volumes)], MaxTest = 50)]
public sealed class NumpyFileTests : IDisposable
{
    private const string Header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 4), }";

    private readonly TemporaryFolder folder = new();
    private readonly List<string> warnings = [];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_last_axis_is_fastest_in_every_version(int version)
    {
        var read = Read(Header, Nifti2Bytes.Voxels, version);
        Assert.Equal(new Size3(2, 3, 4), read.Grid.Size);
        // Voxel (1, 2, 3) is numpy's last, (1, 0, 0) the one after the first twelve.
        Assert.Equal(23, read.Voxels[^1]);
        Assert.Equal(12, read.Voxels[1]);
        Assert.Contains("no spacing", Assert.Single(warnings));
        // It can be used as it is, so nothing else is asked for.
        Assert.Equal(warnings, VolumeFile.Inspect(folder["a.npy"]).Warnings);
    }

    [Fact]
    public void In_Fortran_order_the_first_axis_is_fastest()
    {
        var read = Read(Header.Replace("False", "True"), Nifti2Bytes.Voxels);
        Assert.Equal(1, read.Voxels[1]);
    }

    [Theory]
    [InlineData("|b1", new byte[] { 1 })]
    [InlineData("|i1", new byte[] { 1 })]
    [InlineData("<i2", new byte[] { 1, 0 })]
    [InlineData(">i2", new byte[] { 0, 1 })]
    [InlineData("<u4", new byte[] { 1, 0, 0, 0 })]
    [InlineData(">i8", new byte[] { 0, 0, 0, 0, 0, 0, 0, 1 })]
    [InlineData("<f4", new byte[] { 0, 0, 0x80, 0x3f })]
    [InlineData(">f4", new byte[] { 0x3f, 0x80, 0, 0 })]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 0xf0, 0x3f })]
    public void Every_scalar_type_is_read(string type, byte[] one)
    {
        byte[] voxels = [.. Enumerable.Repeat(one, 24).SelectMany(bytes => bytes)];
        Assert.All(
            Read(Header.Replace("|u1", type), voxels).Voxels,
            value => Assert.Equal(1, value)
        );
    }

    [Fact]
    public void The_axes_are_those_of_model_space_at_a_spacing_that_is_given()
    {
        Write(Header, Nifti2Bytes.Voxels);
        var read = VolumeFile.ReadImage(folder["a.npy"], new(0.7, 0.4, 0.3), warnings.Add);
        Assert.Equal("RIP", AxisOrder.Codes(read.Grid.Affine));
        Assert.Equal(new Spacing3(0.7, 0.4, 0.3), read.Grid.Spacing);
        Assert.Empty(warnings);
    }

    [Property]
    public bool What_is_written_is_read_back_in_its_shape(Grid grid)
    {
        var volume = Volumes.Counting(grid);
        VolumeFile.Write(folder["b.npy"], volume);
        var read = VolumeFile.ReadImage(folder["b.npy"]);
        return read.Grid.Size == grid.Size
            && read.Voxels.SequenceEqual(volume.Voxels.Select(v => (float)v))
            && File.ReadAllBytes(folder["b.npy"]).AsSpan().IndexOf((byte)'\n') % 64 == 63;
    }

    [Theory]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 3, 4), }", "type <c8")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3, 4), }", "type |O")]
    [InlineData("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,), }", "type [")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (24,), }", "shape (24,)")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "shape ()")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 0, 4), }", "(2, 0, 4)")]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (2, -3, 4), }", "(2, -3, 4)")]
    [InlineData(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (9999, 9999, 9999), }",
        "more than the"
    )]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (4, 3, 4), }", "need 48 bytes")]
    [InlineData("{'descr': '|u1', 'fortran_order': False}", "damaged")]
    [InlineData("{}", "damaged")]
    public void Other_arrays_are_refused(string header, string reason)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(header, Nifti2Bytes.Voxels));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(reason, problem.What);
    }

    [Fact]
    public void Any_damaged_byte_gives_a_volume_or_a_problem_and_nothing_else()
    {
        Write(Header, Nifti2Bytes.Voxels);
        var good = File.ReadAllBytes(folder["a.npy"]);
        for (var at = 0; at < good.Length - 24; at++)
            foreach (byte value in "\0'9("u8)
            {
                File.WriteAllBytes(folder["a.npy"], [.. good[..at], value, .. good[(at + 1)..]]);
                try
                {
                    VolumeFile.ReadImage(folder["a.npy"]);
                }
                catch (ProblemException problem)
                {
                    Assert.Equal(ExitCode.Data, problem.Exit);
                }
            }
    }

    private Volume<float> Read(string header, byte[] voxels, int version = 1)
    {
        Write(header, voxels, version);
        return VolumeFile.ReadImage(folder["a.npy"], warn: warnings.Add);
    }

    private void Write(string header, byte[] voxels, int version = 1)
    {
        var text = Encoding.ASCII.GetBytes(header + "\n");
        byte[] length =
            version == 1
                ? BitConverter.GetBytes((ushort)text.Length)
                : BitConverter.GetBytes(text.Length);
        File.WriteAllBytes(
            folder["a.npy"],
            [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. voxels]
        );
    }
}

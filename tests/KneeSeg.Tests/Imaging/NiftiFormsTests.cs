using System.Buffers.Binary;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

/// <summary>What is written for a NIfTI image lies where the image lies, by whichever part of the header one goes.</summary>
public sealed class NiftiFormsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // A quarter turn about the first axis, moved, beside an sform elsewhere.
    private static NiftiBytes Turned(NiftiBytes file) =>
        file.Short(252, 1).Short(254, 3).Float(256, 0.70710677f).Float(268, 5).Float(272, -6);

    public static TheoryData<string, NiftiBytes> Headers() =>
        new()
        {
            { "sform alone", new NiftiBytes().Short(254, 4) },
            { "an sform beside a qform elsewhere", Turned(new NiftiBytes()) },
            { "a qform alone", Turned(new NiftiBytes()).Short(254, 0) },
            { "a left-handed qform", Turned(new NiftiBytes()).Short(254, 0).Float(76, -1) },
            { "no handedness", Turned(new NiftiBytes()).Short(254, 0).Float(76, 0) },
            { "neither form", Turned(new NiftiBytes()).Short(252, 0).Short(254, 0) },
            { "a sheared sform", Turned(new NiftiBytes()).Float(284, 0.01f) },
            { "pixel sizes that differ", new NiftiBytes().Float(80, 1.5f).Float(84, 0) },
            { "meters", Turned(new NiftiBytes()).Bytes(123, 1) },
            { "micrometers and seconds", Turned(new NiftiBytes()).Bytes(123, 3 | 8) },
            { "no unit", Turned(new NiftiBytes()).Bytes(123, 0) },
        };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Labels_and_maps_repeat_what_the_header_of_their_image_says(
        string what,
        NiftiBytes file
    )
    {
        Assert.NotEmpty(what);
        var given = file.ThenCounting().ToArray();
        File.WriteAllBytes(folder["image.nii"], given);
        var image = VolumeFile.ReadImage(folder["image.nii"]);
        VolumeFile.Write(folder["labels.nii"], new Volume<byte>(image.Grid, new byte[24]));
        VolumeFile.Write(folder["map.nii"], image);

        foreach (var name in new[] { "labels.nii", "map.nii" })
        {
            var written = File.ReadAllBytes(folder[name]);
            Assert.Equal(given[76..92], written[76..92]);
            Assert.Equal(given[123], written[123]);
            Assert.Equal(given[252..328], written[252..328]);
            Assert.Equal(image.Grid, VolumeFile.ReadGrid(folder[name]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void An_image_is_known_whatever_a_form_has_that_is_not_in_use(float unused)
    {
        var file = Turned(new NiftiBytes()).Short(254, 0).ThenCounting();
        string Hash(float first)
        {
            for (var i = 0; i < 12; i++)
                file.Float(280 + 4 * i, i == 0 ? first : 0);
            File.WriteAllBytes(folder["image.nii"], file.ToArray());
            return VolumeHash.Of(VolumeFile.ReadImage(folder["image.nii"]));
        }
        Assert.Equal(Hash(unused), Hash(unused));
        Assert.NotEqual(Hash(unused), Hash(1));
    }

    [Fact]
    public void A_header_of_the_other_byte_order_is_repeated_in_this_one()
    {
        File.WriteAllBytes(
            folder["image.nii"],
            Turned(new NiftiBytes(bigEndian: true)).ThenCounting().ToArray()
        );
        Assert.Equal(Turned(new NiftiBytes()).ToArray()[252..328], Written("image.nii")[252..328]);
    }

    [Fact]
    public void NIfTI_2_is_repeated_in_the_shorter_header()
    {
        File.WriteAllBytes(folder["image.nii"], Nifti2Bytes.Of(withQform: true));
        var written = Written("image.nii");
        Assert.Equal(1, BitConverter.ToInt16(written, 252));
        Assert.Equal(0, BitConverter.ToInt16(written, 254));
        Assert.Equal([0, 0, 1, 10, 0, 0], Floats(written, 256, 6));
    }

    [Fact]
    public void A_part_of_an_image_moves_both_forms_alike()
    {
        File.WriteAllBytes(folder["image.nii"], Turned(new NiftiBytes()).ThenCounting().ToArray());
        var grid = VolumeFile.ReadGrid(folder["image.nii"]).Part(new(1, 2, 2), 1, 1, 2);
        VolumeFile.Write(folder["part.nii"], new Volume<byte>(grid, new byte[4]));
        var written = File.ReadAllBytes(folder["part.nii"]);
        // The sform has steps of 1, 2 and 3 mm; the qform turns the second to the third axis and the third backwards.
        Assert.Equal([1, 0, 0, 1, 0, 2, 0, 2, 0, 0, 3, 6], Floats(written, 280, 12));
        Assert.Equal([5 + 1, -6 - 6, 2], Floats(written, 268, 3).Select(x => MathF.Round(x, 4)));
        Assert.Equal([1f, 1, 2, 3], Floats(written, 76, 4));
    }

    [Fact]
    public void A_quaternion_that_is_too_long_is_shortened_so_that_every_program_reads_it()
    {
        File.WriteAllBytes(
            folder["image.nii"],
            new NiftiBytes()
                .Short(252, 1)
                .Short(254, 0)
                .Float(256, 0.8f)
                .Float(260, 0.8f)
                .ThenCounting()
                .ToArray()
        );
        List<string> warnings = [];
        var image = VolumeFile.ReadImage(folder["image.nii"], warn: warnings.Add);
        Assert.Contains("b²+c²+d² = 1.28, more than 1", Assert.Single(warnings));

        var half = MathF.Sqrt(0.5f);
        Assert.All(
            Floats(Written("image.nii"), 256, 3).Zip([half, half, 0]),
            pair => Assert.Equal(pair.Second, pair.First, 1e-6f)
        );
        warnings.Clear();
        var read = VolumeFile.ReadImage(folder["labels.nii"], warn: warnings.Add);
        Assert.Empty(warnings);
        Assert.True(read.Grid.SameAs(image.Grid));
    }

    [Fact]
    public void Labels_say_that_they_are_labels_and_images_say_nothing()
    {
        var grid = Grid.Centered(new(2, 3, 4), new(1, 2, 3), "LPS");
        VolumeFile.Write(folder["labels.nii"], new Volume<byte>(grid, new byte[24]));
        VolumeFile.Write(folder["map.nii"], new Volume<float>(grid, new float[24]));
        Assert.Equal(1002, BitConverter.ToInt16(File.ReadAllBytes(folder["labels.nii"]), 68));
        Assert.Equal(0, BitConverter.ToInt16(File.ReadAllBytes(folder["map.nii"]), 68));
    }

    [Fact]
    public void Grids_are_equal_whatever_headers_they_come_from()
    {
        File.WriteAllBytes(folder["a.nii"], Turned(new NiftiBytes()).ThenCounting().ToArray());
        var read = VolumeFile.ReadGrid(folder["a.nii"]);
        Grid made = new(new(2, 3, 4), Affine.Diagonal(1, 2, 3));
        Assert.Equal(made, read);
        Assert.Equal(made.GetHashCode(), read.GetHashCode());
    }

    private byte[] Written(string image)
    {
        var grid = VolumeFile.ReadGrid(folder[image]);
        VolumeFile.Write(folder["labels.nii"], new Volume<byte>(grid, new byte[24]));
        return File.ReadAllBytes(folder["labels.nii"]);
    }

    private static float[] Floats(byte[] bytes, int at, int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at + 4 * i))),
        ];
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class PreprocessedCacheTests : IDisposable
{
    private static readonly Preprocessor Plain = new(new(8, 5, 5));
    private readonly TemporaryFolder folder = new();
    private readonly Dataset knees;
    private readonly PreprocessedCache cache;

    public PreprocessedCacheTests()
    {
        knees = PhantomSet.Write(folder["knees"], 5, new(8, 24, 20));
        cache = new(folder["cache"], 1 << 30);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_comes_from_the_cache_is_what_was_prepared()
    {
        var (fresh, kept) = (Load(cache, 0), Load(cache, 0));
        var direct = PreprocessedCase.Load(knees.Cases[0], knees.Profile, Plain);
        foreach (var one in new[] { fresh, kept })
        {
            Assert.Equal(direct.Image.Span, one.Image.Span);
            Assert.Equal(direct.Labels.Span, one.Labels.Span);
            Assert.Equal(direct.Grid, one.Grid);
            Assert.Equal(direct.ForegroundIndices[1].Span, one.ForegroundIndices[1].Span);
            Assert.Equal("knee-0001", one.Id);
        }
        Assert.Single(Entries());
    }

    [Fact]
    public void Another_preparation_and_other_voxels_are_other_entries()
    {
        Load(cache, 0);
        Load(cache, 0, Plain with { Intensity = NormalizationMethod.ZScore });
        Assert.Equal(2, Entries().Length);
        var image = knees.Cases[0].ReadImage();
        image.Voxels[^1] += 1;
        VolumeFile.Write(knees.Cases[0].Image, image);
        Assert.NotEqual(
            PreprocessedCase.Load(knees.Cases[1], knees.Profile, Plain).Image.ToArray(),
            Load(cache, 0).Image.ToArray()
        );
        Assert.Equal(3, Entries().Length);
    }

    [Fact]
    public void A_header_whose_voxels_lie_in_a_file_of_another_name_is_another_entry_when_they_change()
    {
        var one = knees.Cases[0];
        var image = one.ReadImage();
        var (size, spacing) = (image.Grid.Size, image.Grid.Spacing);
        var header = folder["knees/images/one.mhd"];
        File.WriteAllText(
            header,
            FormattableString.Invariant(
                $"""
                ObjectType = Image
                NDims = 3
                DimSize = {size.X} {size.Y} {size.Z}
                ElementSpacing = {spacing.X} {spacing.Y} {spacing.Z}
                ElementType = MET_FLOAT
                ElementDataFile = voxels.raw

                """
            )
        );
        // Labels on the same grid.
        var raw = folder["knees/images/voxels.raw"];
        File.WriteAllBytes(raw, MemoryMarshal.AsBytes<float>(image.Voxels).ToArray());
        var labels = folder["knees/images/labels.nii"];
        VolumeFile.Write(
            labels,
            new Volume<byte>(VolumeFile.ReadGrid(header), new byte[size.Count])
        );
        PreprocessedCase Load() =>
            cache.Load(one with { Image = header, Labels = labels }, knees.Profile, Plain);
        var before = Load().Image.ToArray();
        image.Voxels.AsSpan().Reverse();
        File.WriteAllBytes(raw, MemoryMarshal.AsBytes<float>(image.Voxels).ToArray());

        Assert.NotEqual(before, Load().Image.ToArray());
    }

    [Fact]
    public void A_pair_that_is_named_by_its_voxels_is_another_entry_when_its_header_changes()
    {
        var image = knees.Cases[0].ReadImage();
        VolumeFile.Write(folder["whole.nii"], image);
        var bytes = File.ReadAllBytes(folder["whole.nii"]);
        var (header, voxels) = (bytes[..348], folder["knees/images/pair.img"]);
        "ni1\0"u8.CopyTo(header.AsSpan(344));
        BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(108), 0);
        File.WriteAllBytes(Path.ChangeExtension(voxels, ".hdr"), header);
        File.WriteAllBytes(voxels, bytes[352..]);
        PreprocessedCase Load() =>
            cache.Load(knees.Cases[0] with { Image = voxels }, knees.Profile, Plain);
        var before = Load().Image.ToArray();
        // scl_slope and scl_inter.
        BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(112), -1);
        File.WriteAllBytes(Path.ChangeExtension(voxels, ".hdr"), header);

        Assert.NotEqual(before, Load().Image.ToArray());
    }

    [Fact]
    public void The_same_files_elsewhere_are_the_same_entry()
    {
        Load(cache, 0);
        Directory.Move(folder["knees"], folder["moved"]);
        var moved = DatasetFolder.Open(folder["moved"]);
        cache.Load(moved.Cases[0], moved.Profile, Plain);
        Assert.Single(Entries());
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("a voxel flipped")]
    [InlineData("a label flipped")]
    [InlineData("a place flipped")]
    [InlineData("a size flipped")]
    [InlineData("a spacing flipped")]
    [InlineData("empty")]
    [InlineData("longer")]
    public void A_damaged_entry_is_made_again(string damage)
    {
        var good = Load(cache, 0).Image.ToArray();
        var path = Assert.Single(Entries());
        var bytes = File.ReadAllBytes(path);
        // A new file, since the old one is still mapped.
        File.Delete(path);
        File.WriteAllBytes(
            path,
            damage switch
            {
                "cut" => bytes[..(bytes.Length / 2)],
                "empty" => [],
                "longer" => [.. bytes, 0],
                "a size flipped" => Flipped(3),
                "a spacing flipped" => Flipped(20),
                "a voxel flipped" => Flipped(500),
                "a label flipped" => Flipped(bytes.Length - 40),
                _ => Flipped(bytes.Length - good.Length - 40),
            }
        );
        Assert.Equal(good, Load(cache, 0).Image.ToArray());
        Assert.Equal(bytes, File.ReadAllBytes(path));

        byte[] Flipped(int at) => [.. bytes[..at], (byte)~bytes[at], .. bytes[(at + 1)..]];
    }

    [Fact]
    public void The_longest_unused_entries_go_when_the_budget_is_spent()
    {
        // Each in a cache object of its own, as trainings one after the other have.
        Load(Small(), 0);
        var first = Assert.Single(Entries("small"));
        Load(Small(), 1);
        // Used again, so that the second is the one longest unused.
        Load(Small(), 0);
        File.SetLastAccessTimeUtc(first, DateTime.UtcNow.AddSeconds(5));
        Load(Small(), 2);
        Assert.Equal(2, Entries("small").Length);
        Assert.Contains(first, Entries("small"));
    }

    [Fact]
    public void What_this_training_uses_never_goes_and_what_has_no_room_stays_in_memory()
    {
        var small = Small();
        PreprocessedCase[] cases = [.. Enumerable.Range(0, 4).Select(i => Load(small, i))];
        Assert.Equal(2, Entries("small").Length);
        Assert.Equal([true, true, false, false], cases.Select(one => one.Bytes == 0));
        // The next training finds the same two, and does not drive them out either.
        var again = Small();
        Assert.Equal([true, true], new[] { 0, 1 }.Select(i => Load(again, i).Bytes == 0));
    }

    [Fact]
    public void What_a_killed_process_was_writing_goes_like_an_entry()
    {
        var small = Small();
        Directory.CreateDirectory(folder["small"]);
        var left = folder["small/0123.prepared.77.tmp"];
        File.WriteAllBytes(left, new byte[100_000]);
        File.WriteAllText(folder["small/mine.txt"], "");
        Load(small, 0);
        Load(small, 1);
        Assert.False(File.Exists(left));
        Assert.True(File.Exists(folder["small/mine.txt"]));
    }

    [Fact]
    public void Patches_cut_from_the_cache_are_those_cut_from_memory()
    {
        Load(cache, 0);
        PreprocessedCase[] mapped = [Load(cache, 0)];
        PreprocessedCase[] held = [PreprocessedCase.Load(knees.Cases[0], knees.Profile, Plain)];
        Assert.Equal(0, mapped[0].Bytes);
        PatchSamplingOptions rule = new(
            new(4, 12, 12),
            PatchKind.Volume,
            .5,
            FlipAugmentation.Knees,
            Augmentation.Default
        );
        for (var step = 0; step < 20; step++)
            Assert.Equal(
                new PatchSampler(held, rule, 1).Batch(0, step, 2).Images,
                new PatchSampler(mapped, rule, 1).Batch(0, step, 2).Images
            );
    }

    [Fact]
    public void Cases_beyond_memory_and_cache_are_refused_with_a_fix()
    {
        Problems.Assert(
            ExitCode.Resources,
            "4 preprocessed cases need about",
            "KNEESEG_CACHE_GB=1",
            () =>
                PreprocessedDataset.Load(
                    knees,
                    Plain,
                    // Before any voxel is read.
                    progress: _ => Assert.Fail(),
                    cache: null,
                    memory: 30_000
                )
        );
        // A cache that can't be written is noticed case by case.
        File.WriteAllText(folder["full"], "");
        Problems.Assert(
            ExitCode.Resources,
            "preprocessed cases already exceed the memory limit of 0.0 GB",
            "KNEESEG_CACHE_GB",
            () =>
                PreprocessedDataset.Load(
                    knees,
                    Plain,
                    cache: new(folder["full/cache"], 1 << 30),
                    memory: 30_000
                )
        );
        Assert.Equal(
            PreprocessedDataset.Load(knees, Plain).Fingerprint(),
            PreprocessedDataset.Load(knees, Plain, cache: cache, memory: 30_000).Fingerprint()
        );
    }

    [Fact]
    public void A_cache_that_can_not_be_written_stops_nothing()
    {
        File.WriteAllText(folder["file"], "");
        Assert.NotEqual(0, Load(new(folder["file/cache"], 1 << 30), 0).Image.Length);
        Assert.NotEqual(0, Load(new(folder["tiny"], 10), 0).Image.Length);
        Assert.False(Directory.Exists(folder["tiny"]));
    }

    private PreprocessedCase Load(
        PreprocessedCache from,
        int index,
        Preprocessor? preparation = null
    ) => from.Load(knees.Cases[index], knees.Profile, preparation ?? Plain);

    // Room for two entries and a half.
    private PreprocessedCache Small()
    {
        Load(cache, 0);
        return new(folder["small"], 5 * new FileInfo(Entries()[0]).Length / 2);
    }

    private string[] Entries(string name = "cache") =>
        Directory.GetFiles(folder[name], "*.prepared");
}

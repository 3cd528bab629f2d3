using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class PreparedCacheTests : IDisposable
{
    private static readonly Preparation Plain = new(new(8, 5, 5));
    private readonly TemporaryFolder folder = new();
    private readonly Dataset knees;
    private readonly PreparedCache cache;

    public PreparedCacheTests()
    {
        knees = PhantomSet.Write(folder["knees"], 5, new(8, 24, 20));
        cache = new(folder["cache"], 1 << 30);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_comes_from_the_cache_is_what_was_prepared()
    {
        var (fresh, kept) = (Load(cache, 0), Load(cache, 0));
        var direct = PreparedCase.Load(knees.Cases[0], knees.Profile, Plain);
        foreach (var one in new[] { fresh, kept })
        {
            Assert.Equal(direct.Image, one.Image);
            Assert.Equal(direct.Labels, one.Labels);
            Assert.Equal(direct.Grid, one.Grid);
            Assert.Equal(direct.Places[1], one.Places[1]);
            Assert.Equal("knee-0001", one.Id);
        }
        Assert.Single(Entries());
    }

    [Fact]
    public void Another_preparation_and_other_voxels_are_other_entries()
    {
        Load(cache, 0);
        Load(cache, 0, Plain with { Intensity = IntensityRule.ZScore });
        Assert.Equal(2, Entries().Length);
        var image = knees.Cases[0].ReadImage();
        image.Voxels[^1] += 1;
        NiftiWriter.Write(knees.Cases[0].Image, image);
        Assert.NotEqual(
            PreparedCase.Load(knees.Cases[1], knees.Profile, Plain).Image,
            Load(cache, 0).Image
        );
        Assert.Equal(3, Entries().Length);
    }

    [Fact]
    public void The_same_files_elsewhere_are_the_same_entry()
    {
        Load(cache, 0);
        Directory.Move(folder["knees"], folder["moved"]);
        var moved = Dataset.Open(folder["moved"]);
        cache.Load(moved.Cases[0], moved.Profile, Plain);
        Assert.Single(Entries());
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("flipped")]
    [InlineData("empty")]
    [InlineData("longer")]
    public void A_damaged_entry_is_made_again(string damage)
    {
        var good = Load(cache, 0);
        var path = Assert.Single(Entries());
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(
            path,
            damage switch
            {
                "cut" => bytes[..(bytes.Length / 2)],
                "empty" => [],
                "longer" => [.. bytes, 0],
                _ => [.. bytes[..500], (byte)~bytes[500], .. bytes[501..]],
            }
        );
        Assert.Equal(good.Image, Load(cache, 0).Image);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void The_longest_unused_entries_go_when_the_budget_is_spent()
    {
        Load(cache, 0);
        var size = new FileInfo(Entries()[0]).Length;
        var small = new PreparedCache(folder["small"], 2 * size + size / 2);
        Load(small, 0);
        Load(small, 1);
        // Used again, so that the second is the one longest unused.
        var first = Entries("small").OrderBy(File.GetLastWriteTimeUtc).First();
        File.SetLastAccessTimeUtc(first, DateTime.UtcNow.AddSeconds(5));
        Load(small, 2);
        Assert.Equal(2, Entries("small").Length);
        Assert.Contains(first, Entries("small"));
    }

    [Fact]
    public void A_cache_that_can_not_be_written_stops_nothing()
    {
        File.WriteAllText(folder["file"], "");
        Assert.NotEmpty(Load(new(folder["file/cache"], 1 << 30), 0).Image);
        Assert.NotEmpty(Load(new(folder["tiny"], 10), 0).Image);
        Assert.False(Directory.Exists(folder["tiny"]));
    }

    private PreparedCase Load(PreparedCache from, int index, Preparation? preparation = null) =>
        from.Load(knees.Cases[index], knees.Profile, preparation ?? Plain);

    private string[] Entries(string name = "cache") => Directory.GetFiles(folder[name]);
}

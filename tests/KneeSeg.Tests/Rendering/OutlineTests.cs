using FsCheck.Xunit;
using KneeSeg.Rendering;

namespace KneeSeg.Tests.Rendering;

public sealed class OutlineTests
{
    [Fact]
    public void A_voxel_is_outlined_by_its_four_edges() =>
        Assert.Equal("M1 1h1v1h-1v-1z", Outline.Path(Mask(3, 0, 0, 0, 0, 1, 0), 1));

    [Fact]
    public void Edges_in_a_row_are_one_line() =>
        Assert.Equal("M0 0h3v1h-3v-1z", Outline.Path(Mask(3, 1, 1, 1), 1));

    [Fact]
    public void Voxels_that_touch_by_a_corner_have_outlines_of_their_own() =>
        Assert.Equal(2, Outline.Path(Mask(2, 1, 0, 0, 1), 1).Count(c => c == 'z'));

    [Fact]
    public void A_label_that_is_not_in_the_slice_has_no_outline() =>
        Assert.Equal("", Outline.Path(Mask(2, 1, 0, 0, 1), 2));

    [Property]
    public void Filling_an_outline_gives_back_the_label(byte[] values, byte columns)
    {
        var width = columns % 7 + 1;
        var height = values.Length / width;
        var labels = values.Take(width * height).Select(value => (byte)(value % 3)).ToArray();
        var mask = new Slice<byte>(width, height, 1, 1, labels);

        var filled = Fill(Outline.Path(mask, 1), width, height);

        Assert.Equal(labels.Select(label => label == 1), filled);
    }

    private static Slice<byte> Mask(int width, params byte[] labels) =>
        new(width, labels.Length / width, 1, 1, labels);

    // Non-zero winding, as a browser fills: each vertical edge turns the winding of all voxels on its right.
    private static bool[] Fill(string path, int width, int height)
    {
        var winding = new int[width * height];
        foreach (var loop in path.Split('z', StringSplitOptions.RemoveEmptyEntries))
        {
            var start = loop[1..].Split('h', 'v')[0].Split(' ');
            var (x, y) = (int.Parse(start[0]), int.Parse(start[1]));
            var commands = loop[1..].Where(c => c is 'h' or 'v').ToArray();
            var lengths = loop[1..].Split('h', 'v').Skip(1).Select(int.Parse).ToArray();
            foreach (var (command, length) in commands.Zip(lengths))
            {
                if (command == 'h')
                {
                    x += length;
                    continue;
                }
                for (var row = Math.Min(y, y + length); row < Math.Max(y, y + length); row++)
                for (var column = x; column < width; column++)
                    winding[column + width * row] += Math.Sign(length);
                y += length;
            }
        }
        return [.. winding.Select(turns => turns != 0)];
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Imaging;
using KneeSeg.Rendering;

namespace KneeSeg.Tests.Rendering;

/// <summary>Text in pictures.</summary>
public sealed class CaptionTests
{
    private const string Ascii =
        "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

    // Reports are compared byte by byte, also between machines. A new typeface or size changes this hash, and all pictures.
    [Fact]
    public void A_caption_has_the_same_pixels_on_every_machine()
    {
        var picture = Captioned("epoch 12 of 40  loss 0.318  Dice 0.871  Knöchel (±5 %)");

        Assert.Equal(
            "5d1c67e046d5204ec1c1520524d8ab42578c2339f1a35e938c6c022bfd6ab634",
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<Rgb>(picture.Pixels)))
        );
    }

    [Fact]
    public void Capitals_stand_on_whole_rows_and_the_text_begins_where_it_was_written()
    {
        var picture = Raster.Plain(24, 30, Palette.Ground);

        picture.Write("E", 5, 4, Palette.Ink);

        int[] rows = [.. Enumerable.Range(0, 30).Where(y => Row(y).Any(IsInked))];
        Assert.Equal(Enumerable.Range(4 + 3, 11), rows);
        // Bars of full color, not smeared over two rows.
        Assert.Contains(Palette.Ink, Row(rows[0]));
        Assert.Contains(Palette.Ink, Row(rows[^1]));
        Assert.All(Enumerable.Range(0, 30), y => Assert.DoesNotContain(Row(y)[..5], IsInked));

        Rgb[] Row(int y) => picture.Pixels[(24 * y)..(24 * (y + 1))];
    }

    [Fact]
    public void Letters_differ_from_each_other_and_an_unknown_one_is_a_box()
    {
        Assert.Equal(Ascii.Length, Ascii.Select(Drawn).Distinct().Count());
        Assert.NotEqual(Drawn('e'), Drawn('é'));
        Assert.Equal(Drawn('□'), Drawn('ж'));
        Assert.DoesNotContain(Drawn('ж'), Ascii.Select(Drawn));

        static string Drawn(char letter) =>
            string.Join(' ', Captioned($"{letter}").Pixels.Select(pixel => pixel.Green));
    }

    // Else the numbers of an animation would jump.
    [Fact]
    public void Digits_take_the_same_room()
    {
        var ends = Enumerable
            .Range(0, 10)
            .Select(digit => Captioned($"{digit}{digit}{digit}|"))
            .Select(picture =>
                Enumerable
                    .Range(0, picture.Pixels.Length)
                    .Where(i => IsInked(picture.Pixels[i]))
                    .Max(i => i % picture.Width)
            );

        Assert.Single(ends.Distinct());
    }

    [Fact]
    public void A_palette_keeps_the_gray_of_smooth_edges()
    {
        var picture = Captioned(Ascii);
        var palette = Palette.Of(labels: 7);

        var shown = palette.Index(picture).Select(i => palette.Colors[i]);

        Assert.All(
            picture.Pixels.Zip(shown),
            pair => Assert.InRange(pair.First.Distance(pair.Second), 0, 100)
        );
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-2, 0)]
    [InlineData(35, 25)]
    [InlineData(100, 100)]
    public void What_does_not_fit_is_cut_off(int left, int top)
    {
        var picture = Raster.Plain(40, 30, Palette.Ground);

        picture.Write("jfW", left, top, Palette.Ink);

        Assert.Equal(left < 40, picture.Pixels.Any(IsInked));
    }

    private static bool IsInked(Rgb pixel) => pixel != Palette.Ground;

    private static Raster Captioned(string text)
    {
        var picture = Raster.Plain(1000, Raster.TextHeight, Palette.Ground);
        picture.Write(text, 2, 0, Palette.Ink);
        return picture;
    }
}

using KneeSeg.Imaging;
using KneeSeg.Rendering;
using SkiaSharp;

namespace KneeSeg.Tests.Rendering;

public sealed class AnimationTests
{
    private static readonly Palette Palette = Palette.Of(labels: 3);

    [Fact]
    public void Skia_plays_our_animation_pixel_by_pixel()
    {
        Raster[] frames = [.. Enumerable.Range(0, 5).Select(Noise)];

        using var codec = SKCodec.Create(new SKMemoryStream(Gif.Encode(Palette, frames, 40)));

        Assert.Equal(5, codec.FrameCount);
        Assert.Equal(-1, codec.RepetitionCount);
        Assert.Equal([400, 400, 400, 400, 2400], codec.FrameInfo.Select(frame => frame.Duration));
        for (var i = 0; i < frames.Length; i++)
            Assert.Equal(frames[i].Pixels, Shown(codec, i));
    }

    // More than the longest code reaches, once where all repeats and once where nothing does.
    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void A_frame_of_any_size_comes_back(int colors)
    {
        var random = new Random(1);
        var frame = Plain(301, 307, i => Palette.Colors[random.Next(colors)]);

        using var codec = SKCodec.Create(new SKMemoryStream(Gif.Encode(Palette, [frame], 10)));

        Assert.Equal(frame.Pixels, Shown(codec, 0));
    }

    [Fact]
    public void What_does_not_change_takes_no_room()
    {
        var frame = Noise(0);
        var changed = frame with { Pixels = [.. frame.Pixels] };
        changed.Pixels[frame.Width * 20 + 7] = Palette.Ink;

        int Size(params Raster[] frames) => Gif.Encode(Palette, frames, 10).Length;

        Assert.InRange(Size(frame, frame) - Size(frame), 1, 40);
        Assert.InRange(Size(frame, changed) - Size(frame), 1, 40);
        Assert.True(Size(frame, Noise(1)) - Size(frame) > 300);
    }

    [Fact]
    public void A_color_gets_the_nearest_of_the_palette_and_its_own_exactly()
    {
        var gray = new Raster(2, 1, [new(101, 100, 99), LabelPalette.OnDark(2)]);

        var shown = Palette.Index(gray).Select(i => Palette.Colors[i]).ToArray();

        Assert.InRange(shown[0].Distance(gray.Pixels[0]), 1, 3 * 4 * 4);
        Assert.Equal(LabelPalette.OnDark(2), shown[1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(41)]
    [InlineData(255)]
    public void A_palette_leaves_room_for_what_is_unchanged(int labels) =>
        Assert.InRange(Palette.Of(labels).Colors.Count, 42, Palette.Unchanged);

    [Fact]
    public void A_picture_with_a_palette_is_read_again_by_us_and_by_Skia()
    {
        var picture = Noise(3);

        var png = Png.Encode(picture, Palette);

        Assert.Equal(picture.Pixels, Png.Decode(png).Pixels);
        using var read = SKBitmap.Decode(png);
        Assert.Equal(
            picture.Pixels,
            read.Pixels.Select(pixel => new Rgb(pixel.Red, pixel.Green, pixel.Blue))
        );
    }

    [Fact]
    public void What_is_no_picture_with_a_palette_is_said()
    {
        var png = Png.Encode(Noise(3), Palette);

        foreach (
            var bad in (byte[][])
                [
                    [],
                    [1, 2, 3],
                    png[..60],
                    png[..^40],
                    Png.Encode(Noise(3)),
                ]
        )
            Assert.Throws<InvalidDataException>(() => Png.Decode(bad));
    }

    // A block of random colors that moves, on a ground that stays.
    private static Raster Noise(int seed)
    {
        var random = new Random(seed);
        return Plain(
            50,
            40,
            i =>
                i % 50 - 3 * seed is >= 4 and < 30 && i / 50 is >= 8 and < 30
                    ? Palette.Colors[random.Next(Palette.Colors.Count)]
                    : Palette.Ground
        );
    }

    private static Raster Plain(int width, int height, Func<int, Rgb> color) =>
        new(width, height, [.. Enumerable.Range(0, width * height).Select(color)]);

    private static Rgb[] Shown(SKCodec codec, int frame)
    {
        using var bitmap = new SKBitmap(
            new SKImageInfo(
                codec.Info.Width,
                codec.Info.Height,
                SKColorType.Rgba8888,
                SKAlphaType.Premul
            )
        );
        // Skia asks for the frame that a frame builds on.
        for (var i = 0; i <= frame; i++)
            Assert.Equal(
                SKCodecResult.Success,
                codec.GetPixels(
                    bitmap.Info,
                    bitmap.GetPixels(),
                    new SKCodecOptions(i, i == 0 ? -1 : i - 1)
                )
            );
        return [.. bitmap.Pixels.Select(pixel => new Rgb(pixel.Red, pixel.Green, pixel.Blue))];
    }
}

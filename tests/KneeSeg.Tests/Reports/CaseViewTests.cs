using KneeSeg.Imaging;
using KneeSeg.Rendering;
using SkiaSharp;

namespace KneeSeg.Tests.Reports;

public sealed class CaseViewTests
{
    private static readonly Size3 Size = new(20, 20, 20);
    private static readonly Volume<byte> Nothing = Samples.Volume(Size, (_, _, _) => (byte)0);

    [Fact]
    public void A_flight_goes_from_the_first_slice_with_tissue_to_the_last()
    {
        // Tissue in slices 2 to 4.
        using var codec = SKCodec.Create(
            new SKMemoryStream(SliceAnimation.Draw(Samples.Knee(), 3))
        );

        Assert.Equal(3, codec.FrameCount);
        Assert.Equal(3, SliceAnimation.Frames(Samples.Knee()).Count());
    }

    [Fact]
    public void Every_frame_has_its_own_slice_of_image_truth_and_prediction()
    {
        // In slice z the truth is z columns from the left, the prediction one more; the image is as bright as z.
        var size = new Size3(16, 16, 6);
        static byte Block(int x, int y) =>
            x is >= 0 and < 4 && y is >= 4 and < 12 ? (byte)1 : (byte)0;
        CaseVolumes knee = new(
            Samples.Volume(size, (_, _, z) => (float)z),
            Samples.Volume(size, (x, y, z) => Block(x - z, y)),
            Samples.Volume(size, (x, y, z) => Block(x - z - 1, y))
        );

        var frames = SliceAnimation.Frames(knee).ToArray();

        Assert.Equal(6, frames.Length);
        var panel = (frames[0].Width - 8) / 3;
        foreach (var (z, frame) in frames.Index())
        {
            // Below all tissue, in the image's own gray.
            Assert.Equal(51 * z, frame.Pixels[^1].Red);
            // The middle of a block's first voxel is colored, that of the voxel before is not.
            Assert.True(IsColored(frame, 1, z + 0.5) && !IsColored(frame, 1, z - 0.5));
            Assert.True(IsColored(frame, 2, z + 1.5) && !IsColored(frame, 2, z + 0.5));
            Assert.False(IsColored(frame, 0, z + 0.5));
        }

        bool IsColored(Raster frame, int which, double column)
        {
            var x = which * (panel + 4) + (int)(column * panel / 16);
            var y = frame.Height - panel / 2;
            return column < 0
                ? false
                : frame.Pixels[x + frame.Width * y] is var pixel && pixel.Red != pixel.Blue;
        }
    }

    [Fact]
    public void A_long_flight_leaves_slices_out()
    {
        var size = new Size3(8, 8, 200);
        var labels = Samples.Volume(size, (x, y, _) => x > 3 && y > 3 ? (byte)1 : (byte)0);

        var frames = SliceAnimation.Frames(
            new(Samples.Volume(size, (x, _, _) => (float)x), labels, labels)
        );

        Assert.InRange(frames.Count(), 30, 60);
    }

    [Fact]
    public void A_body_has_the_color_of_its_label_and_a_prediction_is_drawn_beside_the_truth()
    {
        var picture = VolumeRendering.Draw(Box(2), Box(3));

        var (truth, found) = Halves(picture);
        Assert.Equal([2], Labels(truth));
        Assert.Equal([3], Labels(found));
        // The same body, in another color.
        Assert.InRange((double)Body(truth) / Body(found), 0.98, 1.02);
    }

    [Fact]
    public void What_differs_is_seen()
    {
        var notched = Box(1);
        for (var z = 5; z < 9; z++)
        for (var y = 5; y < 9; y++)
            notched.Voxels[5 + 20 * (y + 20 * z)] = 0;

        var (truth, found) = Halves(VolumeRendering.Draw(Box(1), notched));
        var (same, again) = Halves(VolumeRendering.Draw(Box(1), Box(1)));

        Assert.NotEqual(truth, found);
        Assert.Equal(same, again);
    }

    [Fact]
    public void What_is_inside_another_body_is_hidden()
    {
        var filled = Box(1);
        for (var z = 8; z < 12; z++)
        for (var y = 8; y < 12; y++)
        for (var x = 8; x < 12; x++)
            filled.Voxels[x + 20 * (y + 20 * z)] = 2;

        var (truth, found) = Halves(VolumeRendering.Draw(Box(1), filled));

        Assert.Equal(truth, found);
    }

    [Fact]
    public void The_front_hides_what_is_behind_it_and_the_right_is_on_the_left()
    {
        // A plate of label 1 in front; behind its middle a ball of label 2; a plate of label 3 on the right of both.
        var labels = Samples.Volume(
            Size,
            (x, y, z) =>
                z == 18 ? (byte)3
                : x == 1 && z < 17 ? (byte)1
                : x is > 12 and < 16 && y is > 8 and < 12 && z is > 6 and < 10 ? (byte)2
                : (byte)0
        );

        var view = new VolumeRenderer(turn: 0, raise: 0);
        var scene = new RenderScene(labels, new(0, 0, 0), Size);
        var (low, high) = view.Seen(scene);
        var picture = view.Draw(scene, low, high, 0.5f);

        Assert.Equal([1, 3], Labels(picture.Pixels));
        int At(int column) =>
            Labels([picture.Pixels[column + picture.Width * (picture.Height / 2)]])[0];
        Assert.Equal((3, 1), (At(2), At(picture.Width - 3)));
        // As wide as 19 voxels of 2.5 mm are, as high as 20 of 1.5 mm.
        Assert.Equal((95, 60), (picture.Width, picture.Height));
    }

    [Fact]
    public void A_case_without_any_tissue_has_pictures()
    {
        var image = Samples.Volume(Size, (x, _, _) => (float)x);

        Assert.Equal(20, SliceAnimation.Frames(new(image, Nothing, Nothing)).Count());
        Assert.Empty(Labels(VolumeRendering.Draw(Nothing, Nothing).Pixels));
    }

    private static Volume<byte> Box(byte label) =>
        Samples.Volume(
            Size,
            (x, y, z) =>
                x is >= 5 and < 15 && y is >= 5 and < 15 && z is >= 5 and < 15 ? label : (byte)0
        );

    // Without the captions, which are in gray.
    private static (Rgb[] Truth, Rgb[] Found) Halves(Raster picture)
    {
        var half = (picture.Width - 6) / 2;
        Rgb[] From(int left) =>
            [
                .. from y in Enumerable.Range(0, picture.Height)
                from x in Enumerable.Range(left, half)
                select picture.Pixels[x + picture.Width * y] is var pixel && IsGray(pixel)
                    ? Palette.Ground
                    : pixel,
            ];
        return (From(0), From(half + 6));
    }

    private static bool IsGray(Rgb pixel) => Math.Abs(pixel.Red - pixel.Blue) < 16;

    private static int Body(Rgb[] pixels) => pixels.Count(pixel => pixel != Palette.Ground);

    // The labels whose hue is nearest to that of well lit pixels.
    private static int[] Labels(Rgb[] pixels) =>
        [
            .. pixels
                .Where(pixel => Math.Max(pixel.Red, Math.Max(pixel.Green, pixel.Blue)) > 90)
                .Where(pixel => !IsGray(pixel))
                .Select(pixel =>
                    Enumerable.Range(1, 3).MinBy(label => Apart(pixel, LabelPalette.OnDark(label)))
                )
                .Distinct()
                .Order(),
        ];

    private static double Apart(Rgb a, Rgb b)
    {
        double[] Hue(Rgb of)
        {
            var sum = (double)of.Red + of.Green + of.Blue;
            return [of.Red / sum, of.Green / sum, of.Blue / sum];
        }
        return Hue(a).Zip(Hue(b), (x, y) => Math.Abs(x - y)).Sum();
    }
}

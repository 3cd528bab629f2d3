using KneeSeg.Imaging;
using KneeSeg.Rendering;
using KneeSeg.Tests.Reports;
using SkiaSharp;

namespace KneeSeg.Tests.Rendering;

public sealed class PictureTests
{
    private static readonly Size3 Size = new(5, 4, 3);

    [Fact]
    public void Anterior_is_on_the_left_of_a_sagittal_slice_and_superior_on_top()
    {
        var volume = Samples.Volume(Size, (x, y, z) => (float)(x + 10 * y + 100 * z));

        var slice = Slice<float>.Cut(volume, Plane.Sagittal, 2);

        Assert.Equal(
            (5, 4, 1.5, 1.5),
            (slice.Width, slice.Height, slice.PixelWidth, slice.PixelHeight)
        );
        Assert.Equal((200f, 204f, 230f), (slice.Pixels[0], slice.Pixels[4], slice.Pixels[15]));
    }

    [Theory]
    [InlineData(Plane.Coronal, 1.5)]
    [InlineData(Plane.Axial, 1.5)]
    public void The_patients_right_is_on_the_left_seen_from_front_and_feet(Plane plane, double down)
    {
        var volume = Samples.Volume(Size, (x, y, z) => (float)z);

        var slice = Slice<float>.Cut(volume, plane, 1);

        Assert.Equal([2f, 1f, 0f], slice.Pixels[..3]);
        Assert.Equal((2.5, down), (slice.PixelWidth, slice.PixelHeight));
    }

    [Fact]
    public void A_slice_cut_from_another_orientation_looks_the_same()
    {
        var model = Samples.Volume(Size, (x, y, z) => (float)(x + 10 * y + 100 * z));
        // The same voxels counted from the other end of every axis, the slices first.
        var turned = new AxisOrder(new(2, true), new(1, true), new(0, true)).Apply(model);

        var slice = Slice<float>.Cut(Orientation.ToModel(turned), Plane.Sagittal, 2);

        Assert.Equal(Slice<float>.Cut(model, Plane.Sagittal, 2).Pixels, slice.Pixels);
    }

    [Fact]
    public void A_picture_has_the_proportions_of_its_slice_in_millimeters()
    {
        var slice = new Slice<byte>(10, 10, 0.5, 1.5, new byte[100]);

        var picture = SlicePicture.Draw(slice, null, 40);

        Assert.Equal((40, 120), (picture.Width, picture.Height));
    }

    [Fact]
    public void Only_labeled_voxels_are_colored()
    {
        var gray = new Slice<byte>(4, 1, 1, 1, [100, 100, 100, 100]);
        var labels = gray with { Pixels = [0, 0, 2, 2] };

        var picture = SlicePicture.Draw(gray, labels, 80);

        var row = picture.Pixels.AsSpan(10 * 80, 80);
        Assert.Equal(new Rgb(100, 100, 100), row[30]);
        Assert.Equal(LabelPalette.OnDark(2), row[40]);
        Assert.Equal(LabelPalette.OnDark(2).Over(new(100, 100, 100), 0.45), row[60]);
    }

    [Fact]
    public void The_window_ignores_outliers_and_voxels_that_are_no_numbers()
    {
        float[] voxels = [.. Enumerable.Range(0, 1001).Select(i => (float)i), float.NaN, 1e9f];

        var window = GrayWindow.Of(voxels);

        Assert.Equal(10, window.Black);
        Assert.Equal(995, window.White);
        Assert.Equal((0, 255), (window.Gray(float.NaN), window.Gray(float.PositiveInfinity)));
    }

    [Fact]
    public void A_constant_image_is_black() => Assert.Equal(0, GrayWindow.Of([7f, 7f]).Gray(7));

    [Fact]
    public void A_frame_holds_the_labels_and_a_margin_inside_the_slice()
    {
        var labels = new Slice<byte>(10, 8, 2, 1, new byte[80]);
        labels.Pixels[4 + 10 * 1] = 3;

        Assert.Equal(new CropBox(3, 0, 3, 4), CropBox.Around(2, labels));
        Assert.Equal(
            new CropBox(0, 0, 10, 8),
            CropBox.Around(2, labels with { Pixels = new byte[80] })
        );
    }

    [Fact]
    public void Skia_reads_our_PNG_pixel_by_pixel()
    {
        var picture = new Raster(
            7,
            5,
            [
                .. Enumerable
                    .Range(0, 35)
                    .Select(i => new Rgb((byte)(i * 7), (byte)(255 - i), (byte)(i * i))),
            ]
        );

        using var read = SKBitmap.Decode(Png.Encode(picture));

        Assert.Equal(
            picture.Pixels,
            read.Pixels.Select(pixel => new Rgb(pixel.Red, pixel.Green, pixel.Blue))
        );
    }

    [Fact]
    public void Skia_reads_our_gray_PNG()
    {
        var gray = new Slice<byte>(3, 2, 1, 1, [0, 255, 7, 8, 9, 200]);

        using var read = SKBitmap.Decode(Png.Encode(gray));

        Assert.Equal(gray.Pixels, read.Pixels.Select(pixel => pixel.Green));
    }

    [Fact]
    public void A_montage_has_a_column_a_knee_and_a_row_for_image_truth_and_prediction()
    {
        var knee = Samples.Knee();
        var perfect = knee with { Prediction = knee.Reference };

        var picture = Montage.Draw([knee, perfect], 604);

        Assert.Equal((604, 908), (picture.Width, picture.Height));
        Assert.Equal(Part(picture, 304, 304), Part(picture, 304, 608));
        Assert.NotEqual(Part(picture, 0, 304), Part(picture, 0, 608));
        Assert.All(Part(picture, 0, 0), pixel => Assert.Equal(pixel.Red, pixel.Blue));
    }

    [Fact]
    public void No_two_labels_share_a_color()
    {
        var labels = Enumerable.Range(1, 40).ToArray();

        Assert.Equal(40, labels.Select(LabelPalette.OnDark).Distinct().Count());
        Assert.Equal(40, labels.Select(LabelPalette.OnLight).Distinct().Count());
    }

    private static Rgb[] Part(Raster picture, int left, int top) =>
        [
            .. from y in Enumerable.Range(top, 300)
            from x in Enumerable.Range(left, 300)
            select picture.Pixels[x + picture.Width * y],
        ];
}

using KneeSeg.Data;
using KneeSeg.Data.Patches;

namespace KneeSeg.Tests.Data;

public sealed class PatchExtractorTests
{
    private static readonly ModelSize Size = new(2, 1, 3);
    private static readonly float[] Volume = [1, 2, 3, 4, 5, 6];

    [Fact]
    public void Beyond_the_border_a_patch_is_padded() =>
        Assert.Equal([0, 0, 0, 0, 1, 2], Copy(new(-1, 0, -1), repeatSlices: false));

    [Fact]
    public void A_slab_repeats_the_slices_at_the_ends() =>
        Assert.Equal([0, 1, 2, 0, 1, 2], Copy(new(-1, 0, -1), repeatSlices: true));

    [Theory]
    [InlineData(0, 9)]
    [InlineData(3, 9)]
    [InlineData(9, 9)]
    [InlineData(0, 0)]
    public void Training_and_prediction_give_a_patch_the_same_position(int start, int most) =>
        Assert.Equal(
            PatchLocation.PositionAlong<double>(start, most),
            PatchLocation.PositionAlong<float>(start, most),
            1e-7
        );

    [Fact]
    public void A_native_buffer_is_zeroed_and_cannot_be_read_after_it_is_freed()
    {
        var buffer = new NativeBuffer<float>(100);
        Assert.True(buffer.GetSpan().IndexOfAnyExcept(0f) < 0);
        ((IDisposable)buffer).Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.GetSpan().Length);
    }

    private static float[] Copy(PatchLocation location, bool repeatSlices)
    {
        var patch = new float[6];
        PatchExtractor.Copy(Volume, Size, location, new(2, 1, 3), 0f, patch, repeatSlices);
        return patch;
    }
}

using System.Numerics.Tensors;
using KneeSeg.Data;
using KneeSeg.Data.Patches;

namespace KneeSeg.Inference.Tiling;

/// <summary>
/// Copies window inputs out of an image. Windows are padded with the image's minimum intensity, as in training; slabs at
/// either end of the volume repeat the last slice instead.
/// </summary>
internal sealed class WindowReader(ReadOnlyMemory<float> image, ModelSize size, PatchKind kind)
{
    private readonly float minIntensity = TensorPrimitives.Min(image.Span);

    public void Read(Window window, Span<float> input)
    {
        var (depths, heights, widths) = window.Size;
        var left = Math.Max(0, -window.Width.InputOffset);
        var length = Math.Min(widths, size.Width - window.Width.InputOffset) - left;
        input.Fill(minIntensity);
        for (var d = 0; d < depths; d++)
        {
            var slice = window.Depth.InputOffset + d;
            if (kind == PatchKind.Slab)
                slice = Math.Clamp(slice, 0, size.Depth - 1);
            else if (slice < 0 || slice >= size.Depth)
                continue;
            for (var h = 0; h < heights; h++)
                if (window.Height.InputOffset + h is var row && row >= 0 && row < size.Height)
                    image
                        .Span.Slice(
                            (slice * size.Height + row) * size.Width
                                + window.Width.InputOffset
                                + left,
                            length
                        )
                        .CopyTo(input[((d * heights + h) * widths + left)..]);
        }
    }
}

using System.Numerics.Tensors;
using KneeSeg.Data;

namespace KneeSeg.Inference;

/// <summary>
/// Cuts out of an image what a network sees. Beyond the border is the image's darkest value, as in training; but a
/// slab at either end of the volume sees the last slice again.
/// </summary>
internal sealed class WindowReader(ReadOnlyMemory<float> image, ModelSize size, PatchKind kind)
{
    private readonly float darkest = TensorPrimitives.Min(image.Span);

    public void Read(Window window, Span<float> seen)
    {
        var (depths, heights, widths) = window.Size;
        var left = Math.Max(0, -window.Width.InputOffset);
        var length = Math.Min(widths, size.Width - window.Width.InputOffset) - left;
        seen.Fill(darkest);
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
                        .CopyTo(seen[((d * heights + h) * widths + left)..]);
        }
    }
}

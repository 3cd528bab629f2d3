using System.Runtime.InteropServices;

namespace KneeSeg.Kernels.Tests;

/// <summary>Maps of a test, in memory of their own; numbers that no kernel wrote are NaN.</summary>
internal sealed unsafe class NativeMaps : IDisposable
{
    private readonly float* memory;
    private readonly int length;

    public NativeMaps(int channels, Extent size)
    {
        length = channels * (int)size.Voxels;
        memory = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, length) * 4, 64);
        new Span<float>(memory, length).Fill(float.NaN);
        Maps = Maps.At(memory, channels, size);
    }

    public NativeMaps(int channels, Extent size, Random random)
        : this(channels, size)
    {
        for (var i = 0; i < length; i++)
            memory[i] = random.NextSingle() * 2 - 0.9f;
    }

    public Maps Maps { get; }

    public float* Start => memory;

    public Stored Sink => new(Maps, Extent.All(1));

    public double[] Values => Array.ConvertAll(Floats, value => (double)value);

    public float[] Floats => new ReadOnlySpan<float>(memory, length).ToArray();

    public void Dispose() => NativeMemory.AlignedFree(memory);
}

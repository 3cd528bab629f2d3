namespace KneeSeg.Tests.Imaging;

/// <summary>A NIfTI-2 file of 2×3×4 bytes that count up, 1×2×3 mm, byte by byte by its standard.</summary>
internal static class Nifti2Bytes
{
    public static byte[] Of(bool bigEndian = false, bool isPair = false, bool withQform = false)
    {
        var header = new byte[isPair ? 540 : 544];
        Int(0, 540);
        (isPair ? "ni2\0\r\n\x1a\n"u8 : "n+2\0\r\n\x1a\n"u8).CopyTo(header.AsSpan(4));
        Short(12, 2);
        Short(14, 8);
        long[] dimensions = [3, 2, 3, 4, 1, 1, 1, 1];
        for (var i = 0; i < 8; i++)
            Long(16 + 8 * i, dimensions[i]);
        double[] pixels = [1, 1, 2, 3];
        for (var i = 0; i < 4; i++)
            Real(104 + 8 * i, pixels[i]);
        Long(168, isPair ? 0 : 544);
        Real(176, 2);
        Real(184, 0.5);
        Int(500, 2);
        if (withQform)
        {
            // A half turn about the third axis: right and front become left and back.
            Int(344, 1);
            Real(368, 1);
            Real(376, 10);
        }
        else
        {
            Int(348, 1);
            Real(400, 1);
            Real(432 + 8, 2);
            Real(464 + 16, 3);
            Real(400 + 24, -7.25);
        }
        byte[] voxels = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];
        return isPair ? header : [.. header, .. voxels];

        void Short(int at, short value) => Write(at, BitConverter.GetBytes(value));
        void Int(int at, int value) => Write(at, BitConverter.GetBytes(value));
        void Long(int at, long value) => Write(at, BitConverter.GetBytes(value));
        void Real(int at, double value) => Write(at, BitConverter.GetBytes(value));
        void Write(int at, byte[] little)
        {
            if (bigEndian)
                Array.Reverse(little);
            little.CopyTo(header, at);
        }
    }

    public static byte[] Voxels => [.. Enumerable.Range(0, 24).Select(i => (byte)i)];
}

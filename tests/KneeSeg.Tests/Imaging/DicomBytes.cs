using System.Globalization;
using System.Text;

namespace KneeSeg.Tests.Imaging;

/// <summary>DICOM slices of 4×3 voxels of int16, element by element by the standard.</summary>
internal sealed record DicomBytes
{
    public string Syntax { get; init; } = "1.2.840.10008.1.2.1";
    public string Series { get; init; } = "1.2.3";
    public double Z { get; init; }
    public string Orientation { get; init; } = @"1\0\0\0\1\0";
    public int Pixels { get; init; } = 24;
    public bool WithSequence { get; init; }

    private bool IsExplicit => Syntax != "1.2.840.10008.1.2";
    private bool IsBig => Syntax == "1.2.840.10008.1.2.2";

    public byte[] ToArray()
    {
        var position = string.Create(CultureInfo.InvariantCulture, $@"-10\-20\{Z}");
        return
        [
            .. new byte[128],
            .. "DICM"u8,
            .. Element(2, 0x10, "UI", Padded(Syntax), isExplicit: true, isBig: false),
            .. Body(8, 0x16, "UI", Padded("1.2.840.10008.5.1.4.1.1.4")),
            .. Body(8, 0x60, "CS", "MR"u8.ToArray()),
            .. WithSequence ? Sequence() : [],
            .. Body(0x18, 0x50, "DS", Padded("3")),
            .. Body(0x20, 0xD, "UI", Padded("1.2.4")),
            .. Body(0x20, 0xE, "UI", Padded(Series)),
            .. Body(0x20, 0x13, "IS", Padded(Z.ToString("0", CultureInfo.InvariantCulture))),
            .. Body(0x20, 0x32, "DS", Padded(position)),
            .. Body(0x20, 0x37, "DS", Padded(Orientation)),
            .. Body(0x28, 2, "US", Short(1)),
            .. Body(0x28, 4, "CS", Padded("MONOCHROME2")),
            .. Body(0x28, 0x10, "US", Short(3)),
            .. Body(0x28, 0x11, "US", Short(4)),
            .. Body(0x28, 0x30, "DS", Padded(@"2\1")),
            .. Body(0x28, 0x100, "US", Short(16)),
            .. Body(0x28, 0x101, "US", Short(16)),
            .. Body(0x28, 0x102, "US", Short(15)),
            .. Body(0x28, 0x103, "US", Short(1)),
            .. Body(0x7FE0, 0x10, "OW", Voxels()).AsSpan(0, BodyStart + Pixels),
        ];
    }

    private int BodyStart => IsExplicit ? 12 : 8;

    private byte[] Voxels() =>
        [.. Enumerable.Range(0, 12).SelectMany(i => Short((int)(100 * Z) + i))];

    // Of undefined length, with an item of undefined length inside, as scanners write them.
    private byte[] Sequence() =>
        [
            .. Start(8, 0x1140, "SQ", uint.MaxValue),
            .. Tag(0xFFFE, 0xE000),
            .. Int(uint.MaxValue),
            .. Body(0x20, 0xE, "UI", Padded("9.9.9")),
            .. Tag(0xFFFE, 0xE00D),
            .. Int(0),
            .. Tag(0xFFFE, 0xE0DD),
            .. Int(0),
        ];

    private byte[] Body(int group, int element, string form, byte[] value) =>
        Element(group, element, form, value, IsExplicit, IsBig);

    private static byte[] Element(
        int group,
        int element,
        string form,
        byte[] value,
        bool isExplicit,
        bool isBig
    )
    {
        var bytes = new DicomBytes
        {
            Syntax =
                isBig ? "1.2.840.10008.1.2.2"
                : isExplicit ? "1.2.840.10008.1.2.1"
                : "1.2.840.10008.1.2",
        };
        return [.. bytes.Start(group, element, form, (uint)value.Length), .. value];
    }

    private byte[] Start(int group, int element, string form, uint length) =>
        !IsExplicit ? [.. Tag(group, element), .. Int(length)]
        : form is "OW" or "SQ"
            ? [.. Tag(group, element), .. Encoding.ASCII.GetBytes(form), 0, 0, .. Int(length)]
        : [.. Tag(group, element), .. Encoding.ASCII.GetBytes(form), .. Short((int)length)];

    private byte[] Tag(int group, int element) => [.. Short(group), .. Short(element)];

    private byte[] Short(int value) => Ordered(BitConverter.GetBytes((ushort)value));

    private byte[] Int(uint value) => Ordered(BitConverter.GetBytes(value));

    private byte[] Ordered(byte[] little)
    {
        if (IsBig)
            Array.Reverse(little);
        return little;
    }

    private static byte[] Padded(string text) =>
        Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + " ");
}

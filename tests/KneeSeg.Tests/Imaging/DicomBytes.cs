using System.Globalization;
using System.Text;

namespace KneeSeg.Tests.Imaging;

/// <summary>DICOM files with slices of 4×3 voxels of int16, element by element by the standard.</summary>
internal sealed record DicomBytes
{
    public string Syntax { get; init; } = "1.2.840.10008.1.2.1";
    public string Series { get; init; } = "1.2.3";
    public double Z { get; init; }
    public string Orientation { get; init; } = @"1\0\0\0\1\0";
    public int Pixels { get; init; } = 24;
    public bool WithSequence { get; init; }

    /// <summary>Whether there is a private sequence of which a converter to explicit files did not know the form.</summary>
    public bool WithUnknown { get; init; }

    private bool IsExplicit => Syntax != "1.2.840.10008.1.2";
    private bool IsBig => Syntax == "1.2.840.10008.1.2.2";

    /// <summary>Text elements besides, or in place of those that are always there; an empty text leaves one out.</summary>
    public Dictionary<uint, string> Texts { get; init; } = [];

    /// <summary>The value of each voxel, row by row; null for numbers that rise from 100 times the position.</summary>
    public Func<int, int>? Voxel { get; init; }

    /// <summary>Whether there are rows, columns and pixels.</summary>
    public bool IsImage { get; init; } = true;

    /// <summary>Positions and echo times of frames: the file is then an enhanced one.</summary>
    public (double Z, double Echo)[] Frames { get; init; } = [];

    /// <summary>Pieces that the pixels are in, as compressed ones are; null for plain pixels.</summary>
    public byte[][]? Pieces { get; init; }

    public byte[] ToArray()
    {
        var position = string.Create(CultureInfo.InvariantCulture, $@"-10\-20\{Z}");
        SortedDictionary<uint, byte[]> elements = new()
        {
            [0x00080016] = Text("UI", "1.2.840.10008.5.1.4.1.1.4"),
            [0x00080060] = Text("CS", "MR"),
            [0x00180050] = Text("DS", "3"),
            [0x0020000D] = Text("UI", "1.2.4"),
            [0x0020000E] = Text("UI", Series),
            [0x00200013] = Text("IS", Z.ToString("0", CultureInfo.InvariantCulture)),
        };
        if (WithSequence)
            elements[0x00081140] = Sequence(Body(0x20, 0xE, "UI", Padded("9.9.9")));
        if (WithUnknown)
            elements[0x002110FE] = Unknown();
        if (IsImage)
        {
            elements[0x00280002] = Value("US", Short(1));
            elements[0x00280004] = Text("CS", "MONOCHROME2");
            elements[0x00280010] = Value("US", Short(3));
            elements[0x00280011] = Value("US", Short(4));
            elements[0x00280100] = Value("US", Short(16));
            elements[0x00280101] = Value("US", Short(16));
            elements[0x00280102] = Value("US", Short(15));
            elements[0x00280103] = Value("US", Short(1));
            if (Frames is [])
            {
                elements[0x00200032] = Text("DS", position);
                elements[0x00200037] = Text("DS", Orientation);
                elements[0x00280030] = Text("DS", @"2\1");
            }
            else
                AddFrames(elements);
        }
        foreach (var (tag, text) in Texts)
            elements[tag] = text.Length == 0 ? [] : Text(FormOf(tag), text);
        return
        [
            .. new byte[128],
            .. "DICM"u8,
            .. Element(2, 0x10, "UI", Padded(Syntax), isExplicit: true, isBig: false),
            .. elements
                .Where(element => element.Value is not [])
                .SelectMany(element => (byte[])[.. Tag(element.Key), .. element.Value]),
            .. IsImage ? PixelElement() : [],
        ];
    }

    private byte[] PixelElement() =>
        Pieces is null
            ? Body(0x7FE0, 0x10, "OW", Voxels())
                .AsSpan(0, BodyStart + Math.Max(1, Frames.Length) * 24 - 24 + Pixels)
                .ToArray()
            :
            [
                .. Start(0x7FE0, 0x10, "OW", uint.MaxValue),
                .. Pieces.Prepend([]).SelectMany(Item),
                .. Tag(0xFFFE, 0xE0DD),
                .. Int(0),
            ];

    private void AddFrames(SortedDictionary<uint, byte[]> elements)
    {
        elements[0x00080016] = Text("UI", "1.2.840.10008.5.1.4.1.1.4.1");
        elements[0x00280008] = Text("IS", $"{Frames.Length}");
        elements[0x52009229] = Sequence([
            .. Tag(0x00209116),
            .. Sequence(Body(0x20, 0x37, "DS", Padded(Orientation))),
            .. Tag(0x00289110),
            .. Sequence(Body(0x28, 0x30, "DS", Padded(@"2\1"))),
        ]);
        elements[0x52009230] = Sequence([
            .. Frames.Select(frame =>
                (byte[])
                    [
                        .. Tag(0x00189114),
                        .. Sequence(
                            Body(0x18, 0x9082, "FD", Ordered(BitConverter.GetBytes(frame.Echo)))
                        ),
                        .. Tag(0x00209113),
                        .. Sequence(
                            Body(
                                0x20,
                                0x32,
                                "DS",
                                Padded(
                                    string.Create(
                                        CultureInfo.InvariantCulture,
                                        $@"-10\-20\{frame.Z}"
                                    )
                                )
                            )
                        ),
                    ]
            ),
        ]);
    }

    // What tags that tests give as text are encoded as.
    private static string FormOf(uint tag) =>
        tag switch
        {
            0x00080005 or 0x00080008 or 0x00180023 or 0x00282110 => "CS",
            0x00080016 or 0x00080018 or 0x0020000D or 0x00200052 => "UI",
            0x00100010 => "PN",
            0x0008103E or 0x00100020 => "LO",
            0x00080020 => "DA",
            0x00080030 or 0x00080032 => "TM",
            0x00200010 => "SH",
            0x00180086 or 0x00200011 or 0x00200012 or 0x00200100 => "IS",
            _ => "DS",
        };

    private int BodyStart => IsExplicit ? 12 : 8;

    private byte[] Voxels() =>
        [
            .. Enumerable
                .Range(0, 12 * Math.Max(1, Frames.Length))
                .SelectMany(i => Short(Voxel is null ? (int)(100 * Z) + i : Voxel(i))),
        ];

    // Of undefined length, with items of undefined length inside, as scanners write them.
    private byte[] Sequence(params byte[][] items) =>
        [
            .. Start("SQ", uint.MaxValue),
            .. items.SelectMany(item =>
                (byte[])
                    [
                        .. Tag(0xFFFE, 0xE000),
                        .. Int(uint.MaxValue),
                        .. item,
                        .. Tag(0xFFFE, 0xE00D),
                        .. Int(0),
                    ]
            ),
            .. Tag(0xFFFE, 0xE0DD),
            .. Int(0),
        ];

    // Implicit inside, in a sequence in it as well.
    private static byte[] Unknown()
    {
        DicomBytes inside = new() { Syntax = "1.2.840.10008.1.2" };
        var text = inside.Body(0x21, 0x1001, "LO", Padded("inside"));
        return
        [
            .. "UN\0\0"u8,
            .. inside.Sequence([.. text, .. inside.Tag(0x00211002), .. inside.Sequence(text)]),
        ];
    }

    private byte[] Item(byte[] content) =>
        [.. Tag(0xFFFE, 0xE000), .. Int((uint)content.Length), .. content];

    private byte[] Text(string form, string text) => Value(form, Padded(text));

    private byte[] Value(string form, byte[] value) =>
        [.. Start(form, (uint)value.Length), .. value];

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
        [.. Tag(group, element), .. Start(form, length)];

    private byte[] Start(string form, uint length) =>
        !IsExplicit ? Int(length)
        : form is "OW" or "SQ" ? [.. Encoding.ASCII.GetBytes(form), 0, 0, .. Int(length)]
        : [.. Encoding.ASCII.GetBytes(form), .. Short((int)length)];

    private byte[] Tag(uint tag) => Tag((int)(tag >> 16), (int)(tag & 0xFFFF));

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

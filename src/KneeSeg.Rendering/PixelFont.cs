using System.Collections.Frozen;

namespace KneeSeg.Rendering;

/// <summary>
/// The letters of captions in pictures, drawn in font.txt: five columns, seven rows above the base line and two below.
/// Pictures with text are thereby the same on every machine.
/// </summary>
internal static class PixelFont
{
    /// <summary>Columns from one letter to the next.</summary>
    public const int Advance = 6;

    /// <summary>Rows of a letter.</summary>
    public const int Height = 9;

    private const int Columns = 5;

    private static readonly FrozenDictionary<char, bool[]> Letters = Read();

    // What is not in the font is a full block, so that it is seen to be missing.
    private static readonly bool[] Missing = [.. Enumerable.Repeat(true, Columns * 7)];

    /// <summary>How many columns a text takes.</summary>
    public static int Width(string text) => Math.Max(0, Advance * text.Length - 1);

    /// <summary>The pixels of a text that are ink, from its top left corner.</summary>
    public static IEnumerable<(int X, int Y)> Ink(string text) =>
        from letter in text.Index()
        where letter.Item != ' '
        let pixels = Letters.GetValueOrDefault(letter.Item, Missing)
        from i in Enumerable.Range(0, pixels.Length)
        where pixels[i]
        select (Advance * letter.Index + i % Columns, i / Columns);

    // Bands of letters: a line that names them, and the rows of all of them side by side.
    private static FrozenDictionary<char, bool[]> Read()
    {
        using var file = typeof(PixelFont).Assembly.GetManifestResourceStream("font.txt")!;
        var lines = new StreamReader(file).ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        return lines
            .Chunk(Height + 1)
            .Where(band => band.Length == Height + 1)
            .SelectMany(band =>
                band[0]
                    .Index()
                    .Where(letter => letter.Item != ' ')
                    .Select(letter =>
                        (
                            letter.Item,
                            Pixels: band[1..]
                                .SelectMany(row => row.Substring(letter.Index, Columns))
                                .Select(pixel => pixel == '#')
                                .ToArray()
                        )
                    )
            )
            .ToFrozenDictionary(letter => letter.Item, letter => letter.Pixels);
    }
}

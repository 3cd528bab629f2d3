using System.Collections.Frozen;

namespace KneeSeg.Rendering;

/// <summary>
/// The letters of captions in pictures: a real typeface, drawn once by tools/caption-font.fsx into captions.txt, so that
/// pictures with text are the same on every machine.
/// </summary>
internal static class CaptionFont
{
    /// <summary>Rows of a letter: capitals with accents above the base line, and what hangs below it.</summary>
    public const int Height = 18;

    private const int Overhang = 1;
    private const double Full = 15;
    private const char Missing = '□';

    private static readonly FrozenDictionary<char, Glyph> Glyphs = Read();

    /// <summary>The pixels of a text, from its top left corner, and how much of each is ink: above 0, at most 1.</summary>
    public static IEnumerable<(int X, int Y, double Ink)> Draw(string text)
    {
        var pen = 0;
        foreach (var letter in text)
        {
            var glyph = Glyphs.GetValueOrDefault(letter) ?? Glyphs[Missing];
            var columns = glyph.Coverage.Length / Height;
            foreach (var (i, level) in glyph.Coverage.Index())
                if (level > 0)
                    yield return (pen - Overhang + i % columns, i / columns, level / Full);
            pen += glyph.Advance;
        }
    }

    private static FrozenDictionary<char, Glyph> Read()
    {
        using var file = typeof(CaptionFont).Assembly.GetManifestResourceStream("captions.txt")!;
        return new StreamReader(file)
            .ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1)
            .ToFrozenDictionary(line => line[0], Parse);
    }

    // "A 11 005f…": the letter, its advance, and the levels of its pixels row by row.
    private static Glyph Parse(string line)
    {
        var parts = line[2..].TrimEnd('\r').Split(' ');
        return new(
            int.Parse(parts[0]),
            [.. parts[1].Select(digit => Convert.ToByte($"{digit}", 16))]
        );
    }

    private sealed record Glyph(int Advance, byte[] Coverage);
}

using System.Globalization;
using System.Text;

namespace KneeSeg;

/// <summary>
/// A table as text: a line of column names, then rows, separated by commas, semicolons or tabs (RFC 4180). Names match in any
/// order and case; columns that nobody asks for are ignored.
/// </summary>
public sealed class CsvFile
{
    private readonly IReadOnlyDictionary<string, int> columns;

    private CsvFile(string path, IReadOnlyList<(int Line, string[] Fields)> records)
    {
        Path = path;
        var names = records[0].Fields.Select(name => name.Trim().ToLowerInvariant()).ToArray();
        if (names.GroupBy(name => name).FirstOrDefault(name => name.Count() > 1) is { } twice)
            throw Problem(
                path,
                $"it has two columns '{twice.Key}'",
                "Give each column a name of its own"
            );
        columns = names.Index().ToDictionary(column => column.Item, column => column.Index);
        Rows = [.. records.Skip(1).Select(record => new CsvRow(this, record.Line, record.Fields))];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its rows, without the column names.</summary>
    public IReadOnlyList<CsvRow> Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="required">Columns that it must have.</param>
    /// <exception cref="ProblemException">It can't be read, or misses a column (exit 3).</exception>
    public static CsvFile Read(string path, params IReadOnlyList<string> required)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            throw Problem(
                path,
                File.Exists(path) ? $"can't be read ({e.Message.TrimEnd('.')})" : "no such file",
                "Pass a table with column names in its first line"
            );
        }
        var records = Records(text).Where(record => record.Fields is not [""]).ToArray();
        if (records.Length == 0)
            throw Problem(path, "is empty", "Write column names into its first line");
        var file = new CsvFile(path, records);
        var missing = required.Where(column => !file.Has(column)).ToArray();
        return missing.Length == 0
            ? file
            : throw Problem(
                path,
                $"has no column {string.Join(", ", missing)}",
                $"Its first line must name the columns {string.Join(", ", required)}, in any order"
            );
    }

    /// <summary>Whether it has a column.</summary>
    public bool Has(string column) => columns.ContainsKey(column);

    internal int? IndexOf(string column) =>
        columns.TryGetValue(column, out var index) ? index : null;

    private static ProblemException Problem(string where, string what, string fix) =>
        new(ExitCode.Data, where, what, fix);

    private static IEnumerable<(int Line, string[] Fields)> Records(string text)
    {
        var header = text.AsSpan();
        if (header.IndexOfAny('\r', '\n') is >= 0 and var end)
            header = header[..end];
        var separator = ',';
        foreach (var other in (ReadOnlySpan<char>)[';', '\t'])
            if (header.Count(other) > header.Count(separator))
                separator = other;
        return Records(text, separator);
    }

    // Within quotes, separators and line ends are text, and two quotes are one.
    private static IEnumerable<(int Line, string[] Fields)> Records(string text, char separator)
    {
        text = text.ReplaceLineEndings("\n") + "\n";
        List<string> fields = [];
        var field = new StringBuilder();
        var (quoted, line, first) = (false, 1, 1);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter == '\n')
                line++;
            if (letter == '"' && quoted && i + 1 < text.Length && text[i + 1] == '"')
                field.Append(text[i++]);
            else if (letter == '"')
                quoted = !quoted;
            else if (quoted || (letter != separator && letter != '\n'))
                field.Append(letter);
            else
            {
                fields.Add(field.ToString());
                field.Clear();
                if (letter == separator)
                    continue;
                yield return (first, [.. fields]);
                fields.Clear();
                first = line;
            }
        }
    }
}

/// <summary>A row of a <see cref="CsvFile"/>.</summary>
/// <param name="file">The file.</param>
/// <param name="line">Its line, counted from 1.</param>
/// <param name="fields">Its fields; those that are missing at its end are empty.</param>
public sealed class CsvRow(CsvFile file, int line, IReadOnlyList<string> fields)
{
    private const NumberStyles Decimal =
        NumberStyles.AllowLeadingSign
        | NumberStyles.AllowDecimalPoint
        | NumberStyles.AllowExponent
        | NumberStyles.AllowLeadingWhite
        | NumberStyles.AllowTrailingWhite;

    /// <summary>Its line in the file, counted from 1.</summary>
    public int Line => line;

    /// <summary>The text in a column, trimmed; empty where the file has no such column.</summary>
    public string Text(string column) =>
        file.IndexOf(column) is { } index && index < fields.Count ? fields[index].Trim() : "";

    /// <summary>The text in a column that must not be empty.</summary>
    /// <exception cref="ProblemException">It is empty (exit 3).</exception>
    public string Name(string column) =>
        Text(column) is { Length: > 0 } text
            ? text
            : throw Problem($"column {column} is empty", "Fill it in, or remove the row");

    /// <summary>The number in a column; null where it is empty, <c>NA</c> or <c>NaN</c>.</summary>
    /// <exception cref="ProblemException">It is no finite number (exit 3).</exception>
    public double? Number(string column)
    {
        var text = Text(column);
        if (text.Length == 0 || text.ToLowerInvariant() is "na" or "nan")
            return null;
        return
            double.TryParse(text, Decimal, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? number
            : throw Problem(
                $"'{text}' in column {column} is not a number",
                "Write numbers with a decimal point, such as 1.25, and leave missing ones empty"
            );
    }

    /// <summary>The whole number in a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="least">The smallest number allowed.</param>
    /// <param name="absent">The number where the field is empty; null refuses that.</param>
    /// <exception cref="ProblemException">It is none, or too small (exit 3).</exception>
    public int Whole(string column, int least, int? absent = null) =>
        Text(column) is var text && text.Length == 0 && absent is { } number ? number
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
        && whole >= least
            ? whole
        : throw Problem(
            $"'{text}' in column {column} is not a whole number of at least {least}",
            $"Count from {least}"
        );

    /// <summary>A problem of this row (exit 3).</summary>
    public ProblemException Problem(string what, string fix) =>
        new(ExitCode.Data, $"{file.Path}, line {line}", what, fix);
}

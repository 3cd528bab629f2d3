using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace KneeSeg.Data.Datasets;

/// <summary>Infers subjects from file names, and splits subjects into parts.</summary>
public static partial class Subjects
{
    /// <summary>
    /// The subject in a file's name: its name without the visit, <c>_V00</c> and the like; and of OAI, whose ids have
    /// seven digits, those alone, whatever stands around them.
    /// </summary>
    public static string Of(string name) =>
        OaiId().Match(name) is { Success: true } id ? id.Value : Visit().Replace(name, "");

    /// <summary>
    /// Deals subjects into parts of equal size, give or take one: the same for the same subjects, whatever their order.
    /// </summary>
    /// <param name="subjects">Each may come several times.</param>
    /// <param name="parts">How many.</param>
    /// <param name="seed">Another one deals otherwise.</param>
    /// <returns>The part of each subject, from 0.</returns>
    public static IReadOnlyDictionary<string, int> Deal(
        IEnumerable<string> subjects,
        int parts,
        long seed
    ) =>
        subjects
            .Distinct()
            .OrderBy(subject => Shuffled(seed, subject), StringComparer.Ordinal)
            .Index()
            .ToDictionary(dealt => dealt.Item, dealt => dealt.Index % parts);

    private static string Shuffled(long seed, string subject) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {subject}")));

    [GeneratedRegex("(?<![0-9])9[0-9]{6}(?![0-9])")]
    private static partial Regex OaiId();

    [GeneratedRegex("[_-]?V[0-9]{2}(?![0-9A-Za-z])")]
    private static partial Regex Visit();
}

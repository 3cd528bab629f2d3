namespace KneeSeg.Training;

/// <summary>Words in recipes that stand for one of a few things.</summary>
internal static class RecipeWord
{
    /// <summary>The value of a word.</summary>
    /// <param name="field">The recipe's field.</param>
    /// <param name="word">As a person wrote it.</param>
    /// <exception cref="ProblemException">It is none of them (exit 2).</exception>
    public static T Of<T>(string field, string word)
        where T : struct, Enum =>
        Enum.GetValues<T>()
            .Cast<T?>()
            .FirstOrDefault(value =>
                Written(value!.Value).Equals(word, StringComparison.OrdinalIgnoreCase)
            )
        ?? throw Unknown(field, word, [.. Enum.GetValues<T>().Select(Written)]);

    /// <summary>The problem of a word that means nothing.</summary>
    public static ProblemException Unknown(
        string field,
        string word,
        IReadOnlyCollection<string> known
    ) =>
        new(
            ExitCode.Usage,
            $"--set {field}={word}",
            "is no word that is known",
            $"Did you mean {known.MinBy(one => EditDistance.Of(one, word))}? There are {string.Join(", ", known)}"
        );

    private static string Written<T>(T value)
        where T : struct, Enum =>
        $"{value}" is var name ? char.ToLowerInvariant(name[0]) + name[1..] : "";
}

namespace KneeSeg.Runs;

/// <summary>Enumerated values in recipes.</summary>
public static class RecipeWord
{
    /// <summary>Parses a value.</summary>
    /// <param name="field">The recipe's field.</param>
    /// <param name="word">The user's text.</param>
    /// <exception cref="ProblemException">It is unknown (exit 2).</exception>
    public static T Of<T>(string field, string word)
        where T : struct, Enum =>
        Enum.GetValues<T>()
            .Cast<T?>()
            .FirstOrDefault(value =>
                Written(value!.Value).Equals(word, StringComparison.OrdinalIgnoreCase)
            )
        ?? throw Unknown(field, word, [.. Enum.GetValues<T>().Select(Written)]);

    /// <summary>The error for an unknown value.</summary>
    public static ProblemException Unknown(
        string field,
        string word,
        IReadOnlyCollection<string> known
    ) =>
        new(
            ExitCode.Usage,
            $"--set {field}={word}",
            "is not a known value",
            $"Did you mean {Suggestion.Nearest(known, word)}? Known values are {string.Join(", ", known)}"
        );

    private static string Written<T>(T value)
        where T : struct, Enum =>
        $"{value}" is var name ? char.ToLowerInvariant(name[0]) + name[1..] : "";
}

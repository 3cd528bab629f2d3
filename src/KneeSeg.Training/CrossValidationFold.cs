using KneeSeg.Data;

namespace KneeSeg.Training;

/// <summary>One part of a cross-validation by subject: its part validates, the others train, test cases stay out.</summary>
/// <param name="Index">Which part validates, from 1.</param>
/// <param name="Count">How many parts there are.</param>
public sealed record CrossValidationFold(int Index, int Count)
{
    private const long Seed = 1;

    /// <summary>
    /// The dataset with its training and validation cases dealt anew, the same for the same subjects. All cases of a
    /// subject lie in one part.
    /// </summary>
    /// <exception cref="ProblemException">It has fewer subjects than there are parts (exit 3).</exception>
    public Dataset Of(Dataset dataset)
    {
        var subjects = dataset
            .Cases.Where(one => one.Split != Split.Test)
            .Select(one => one.Subject)
            .Distinct()
            .ToArray();
        if (subjects.Length < Count)
            throw new ProblemException(
                ExitCode.Data,
                dataset.Folder,
                $"has {subjects.Length} subjects for training and validation, too few for {Count} folds",
                "Give fewer --folds, at least 2, or more subjects"
            );
        var parts = Subjects.Deal(subjects, Count, Seed);
        return dataset with
        {
            Cases =
            [
                .. dataset.Cases.Select(one =>
                    one.Split == Split.Test
                        ? one
                        : one with
                        {
                            Split =
                                parts[one.Subject] == Index - 1 ? Split.Validation : Split.Train,
                        }
                ),
            ],
        };
    }
}

using KneeSeg.Data.Datasets;

namespace KneeSeg.Training;

/// <summary>One fold of a cross-validation by subject: its subjects are for validation, the others for training; test cases are unchanged.</summary>
/// <param name="Index">The fold, from 1.</param>
/// <param name="Count">The number of folds.</param>
public sealed record CrossValidationFold(int Index, int Count)
{
    private const long Seed = 1;

    /// <summary>
    /// The dataset with training and validation cases redistributed, deterministically by subject. All cases of a subject are
    /// in one fold.
    /// </summary>
    /// <exception cref="ProblemException">It has fewer subjects than folds (exit 3).</exception>
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
                "Use fewer --folds (at least 2) or more subjects"
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

using System.Globalization;

namespace KneeSeg.Training.Parallel;

/// <summary>The program that started several processes to work together, known by the variables that it sets for each.</summary>
/// <param name="Name">As messages name it.</param>
/// <param name="Processes">How many it started.</param>
internal sealed record Launcher(string Name, int Processes)
{
    // Slurm sets the last only for what srun starts, not for a batch script.
    private static readonly (string Variable, string Name)[] Known =
    [
        ("OMPI_COMM_WORLD_SIZE", "mpirun"),
        ("PMI_SIZE", "mpiexec"),
        ("SLURM_STEP_NUM_TASKS", "srun"),
    ];

    /// <summary>The launcher of this process; null if it was started otherwise.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static Launcher? Find(Func<string, string?> variable) =>
        Known
            .Select(one =>
                int.TryParse(variable(one.Variable), CultureInfo.InvariantCulture, out var count)
                    ? new Launcher(one.Name, count)
                    : null
            )
            .FirstOrDefault(one => one is not null);
}

using System.Reflection;
using System.Runtime.InteropServices;

namespace KneeSeg.Training.Parallel;

/// <summary>
/// The system's MPI library, found when it is needed. Open MPI and the libraries that share MPICH's binary interface (MPICH, Intel
/// MPI, MVAPICH, Cray MPICH) have the same functions and other constants.
/// </summary>
internal static class MpiLibrary
{
    private static readonly string[] OpenMpi = ["libmpi.so.40", "libmpi.so"];
    private static readonly string[] Mpich = ["libmpich.so.12", "libmpi.so.12"];

    private static nint handle;

    /// <summary>Its constants.</summary>
    public static MpiConstants Constants { get; private set; } = MpiConstants.Mpich;

    /// <summary>Loads the library, first of the kind that a launcher belongs to.</summary>
    /// <exception cref="ProblemException">There is none (exit 6).</exception>
    public static void Load(Launcher launcher)
    {
        handle =
            launcher.Name == "mpiexec"
                ? Find(launcher, [.. Mpich, .. OpenMpi])
                : Find(launcher, [.. OpenMpi, .. Mpich]);
        NativeLibrary.SetDllImportResolver(
            Assembly.GetExecutingAssembly(),
            (name, _, _) => name == Mpi.Library ? handle : 0
        );
        if (NativeLibrary.TryGetExport(handle, "ompi_mpi_comm_world", out _))
            Constants = MpiConstants.OpenMpi(name => NativeLibrary.GetExport(handle, name));
    }

    /// <summary>Loads the first library that there is.</summary>
    /// <exception cref="ProblemException">There is none (exit 6).</exception>
    internal static nint Find(Launcher launcher, params string[] names)
    {
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, out var found))
                return found;
        throw new ProblemException(
            ExitCode.Resources,
            $"{launcher.Name}, {launcher.Processes} processes",
            $"no MPI library was found ({string.Join(", ", names)})",
            "Install Open MPI or MPICH, or load its module, so that its folder is in LD_LIBRARY_PATH; one process with "
                + $"--set accumulationSteps={launcher.Processes} trains the same weights"
        );
    }
}

/// <summary>
/// Constants of mpi.h. Handles are pointers in Open MPI and 32-bit numbers in MPICH; both fit an argument of pointer size.
/// </summary>
/// <param name="World">MPI_COMM_WORLD.</param>
/// <param name="Byte">MPI_BYTE.</param>
/// <param name="Float">MPI_FLOAT.</param>
/// <param name="ReturnErrors">MPI_ERRORS_RETURN.</param>
/// <param name="InPlace">MPI_IN_PLACE.</param>
/// <param name="IgnoreStatus">MPI_STATUS_IGNORE.</param>
internal sealed record MpiConstants(
    nint World,
    nint Byte,
    nint Float,
    nint ReturnErrors,
    nint InPlace,
    nint IgnoreStatus
)
{
    public static MpiConstants Mpich { get; } =
        new(0x44000000, 0x4c00010d, 0x4c00040a, 0x54000001, -1, 1);

    public static MpiConstants OpenMpi(Func<string, nint> address) =>
        new(
            address("ompi_mpi_comm_world"),
            address("ompi_mpi_byte"),
            address("ompi_mpi_float"),
            address("ompi_mpi_errors_return"),
            1,
            0
        );
}

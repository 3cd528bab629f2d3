using System.Runtime.InteropServices;

namespace KneeSeg.Torch;

/// <summary>Functions of libtorch that TorchSharp 0.107 does not offer, by their C++ names.</summary>
internal static unsafe class LibTorch
{
    private static readonly nint Library = NativeLibrary.Load(
        "libtorch_cpu.so",
        typeof(LibTorch).Assembly,
        DllImportSearchPath.AssemblyDirectory
    );

    // at::globalContext()
    private static readonly delegate* unmanaged<nint> GlobalContext = (delegate* unmanaged<
        nint>)Export("_ZN2at13globalContextEv");

    // at::Context::setDeterministicAlgorithms(bool on, bool warnOnly)
    private static readonly delegate* unmanaged<nint, byte, byte, void> SetDeterministic =
        (delegate* unmanaged<nint, byte, byte, void>)Export(
            "_ZN2at7Context26setDeterministicAlgorithmsEbb"
        );

    // at::Context::setDeterministicFillUninitializedMemory(bool)
    private static readonly delegate* unmanaged<nint, byte, void> SetFill = (delegate* unmanaged<
        nint,
        byte,
        void>)Export("_ZN2at7Context39setDeterministicFillUninitializedMemoryEb");

    /// <summary>
    /// Chooses algorithms whose sums always come in one order. Those without one still run: on one processor with
    /// the same number of threads they repeat as well.
    /// </summary>
    public static void UseDeterministicAlgorithms()
    {
        var context = GlobalContext();
        SetDeterministic(context, 1, 1);
        // Otherwise every new tensor is filled first, to show reads of what was never written.
        SetFill(context, 0);
    }

    private static nint Export(string name) => NativeLibrary.GetExport(Library, name);
}

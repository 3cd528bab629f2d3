using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace KneeSeg.Torch.Native;

/// <summary>
/// Makes libtorch take large blocks from the <see cref="BlockPool"/>: a <c>c10::Allocator</c> that is libtorch's own but for its
/// <c>allocate</c>.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe class PooledAllocator
{
    private const int AllocateSlot = 2;
    private const int Slots = 8;

    private static nint original;
    private static delegate* unmanaged<DataPtr*, nint, nuint, DataPtr*> allocate;

    /// <summary>Installs it; without effect if this libtorch's allocator is not as expected.</summary>
    /// <param name="folder">Where libtorch lies.</param>
    public static void Install(string folder)
    {
        if (
            !NativeLibrary.TryLoad(Path.Combine(folder, "libc10.so"), out var c10)
            || !NativeLibrary.TryGetExport(c10, "_ZN3c1015GetCPUAllocatorEv", out var get)
            || !NativeLibrary.TryGetExport(
                c10,
                "_ZN3c1015SetCPUAllocatorEPNS_9AllocatorEh",
                out var set
            )
        )
            return;
        original = ((delegate* unmanaged<nint>)get)();
        var functions = *(nint**)original;
        allocate = (delegate* unmanaged<DataPtr*, nint, nuint, DataPtr*>)functions[AllocateSlot];
        if (!IsAsExpected())
            return;
        // Libtorch keeps it as long as the process lives.
        var own = (nint*)NativeMemory.Alloc((nuint)((1 + Slots) * sizeof(nint)));
        own[0] = (nint)(own + 1);
        new ReadOnlySpan<nint>(functions, Slots).CopyTo(new Span<nint>(own + 1, Slots));
        own[1 + AllocateSlot] = (nint)
            (delegate* unmanaged<DataPtr*, nint, nuint, DataPtr*>)&Allocate;
        ((delegate* unmanaged<nint, byte, void>)set)((nint)own, byte.MaxValue);
    }

    // A block of the original's is its own context, on the CPU.
    private static bool IsAsExpected()
    {
        DataPtr block;
        _ = allocate(&block, original, 64);
        var isSame = block.Data != 0 && block.Context == block.Data && block.DeviceType == 0;
        if (isSame)
            block.Deleter(block.Context);
        return isSame;
    }

    // Native code calls it: no exception may leave it.
    [UnmanagedCallersOnly]
    private static DataPtr* Allocate(DataPtr* result, nint self, nuint size)
    {
        if (size < LibtorchMemory.MappedFrom)
            return allocate(result, original, size);
        try
        {
            var address = BlockPool.Take(size);
            *result = new()
            {
                Data = address,
                Context = address,
                Deleter = &Free,
                DeviceIndex = -1,
            };
            return result;
        }
        catch (OutOfMemoryException)
        {
            Console.Error.WriteLine(
                $"error: the system refuses a block of {size >> 20} MB\n  where  memory\n"
                    + "  do     Use a smaller patch or batch, or raise the limit (ulimit -v)"
            );
            Environment.Exit((int)ExitCode.Resources);
            return null;
        }
    }

    [UnmanagedCallersOnly]
    private static void Free(nint address) => BlockPool.Give(address);

    /// <summary><c>c10::DataPtr</c>, as GCC lays it out.</summary>
    private struct DataPtr
    {
        public nint Data;
        public delegate* unmanaged<nint, void> Deleter;
        public nint Context;
        public sbyte DeviceType;
        public sbyte DeviceIndex;
    }
}

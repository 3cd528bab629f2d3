using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>Libtorch loads on this system, or says why not.</summary>
public sealed class NativeStartTests
{
    [Fact]
    public void The_library_in_the_output_folder_loads_and_computes()
    {
        NativeStart.Initialize();
        Assert.Equal(6, ones([2L, 3]).sum().item<float>());
    }

    [Fact]
    public void A_library_that_is_not_there_is_a_problem_with_a_fix()
    {
        var problem = Assert.Throws<ProblemException>(() =>
            NativeStart.Load("/nowhere/libLibTorchSharp.so")
        );
        Assert.Equal(ExitCode.Resources, problem.Exit);
        Assert.Equal(
            "/nowhere/libLibTorchSharp.so: is missing. Rebuild: the build copies it there.",
            problem.Message
        );
    }

    [Fact]
    public void A_library_that_the_loader_refuses_is_a_problem_with_the_loaders_reason()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "libLibTorchSharp.so");
            File.WriteAllText(path, "no library");
            var problem = Assert.Throws<ProblemException>(() => NativeStart.Load(path));
            Assert.Equal(ExitCode.Resources, problem.Exit);
            Assert.Contains("can't be loaded", problem.What);
            Assert.Contains(path, problem.What);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void No_more_threads_run_than_the_process_has_processors()
    {
        NativeStart.Initialize();
        Assert.InRange(get_num_threads(), 1, Environment.ProcessorCount);
    }
}

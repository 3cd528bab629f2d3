// Libtorch's random stream and its threads belong to the process: tests side by side would take them from each other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

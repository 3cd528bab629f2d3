namespace KneeSeg.Tests.Data;

/// <summary>Asserts on errors.</summary>
internal static class Problems
{
    /// <summary>The action fails with this exit code, and its message has both pieces.</summary>
    public static void Assert(ExitCode exit, string says, string advises, Action action)
    {
        var problem = Xunit.Assert.Throws<ProblemException>(action);
        Xunit.Assert.Equal(exit, problem.Exit);
        Xunit.Assert.Contains(says, $"{problem.Where}: {problem.What}");
        Xunit.Assert.Contains(advises, problem.Fix);
    }
}

using KneeSeg.Cli.Scripts;
using Microsoft.FSharp.Core;

namespace KneeSeg.Cli.Tests;

/// <summary>The errors of dotnet fsi, as the problems people read; and an internal error, as its block.</summary>
public sealed class FsiDiagnosticsTests
{
    private static string[] Problems(string errors) =>
        [
            .. FsiDiagnostics
                .diagnostics("/knees/own.fsx", errors)
                .Select(problem => problem.ToString()),
        ];

    [Theory]
    [InlineData(
        "\n\n/knees/own.fsx(1,19): error FS0764: No assignment given for field 'Skip' of type 'KneeSeg.Dsl.Spec.Level'\n\n",
        "/knees/own.fsx, line 1, column 19: a level needs `Skip`. Add `Skip = ...`; a level has Encode, Down, Skip, Up and Decode."
    )]
    [InlineData(
        "/knees/own.fsx(4,9): error FS0001: This expression was expected to have type\n    'int'    \nbut here has type\n    'string'    \n\n",
        "/knees/own.fsx, line 4, column 9: This expression was expected to have type 'int' but here has type 'string'. Correct the script there."
    )]
    [InlineData(
        "/knees/own.fsx(1,14): error FS0039: The value or constructor 'convv' is not defined. Maybe you want one of the following:\n   Conv\n   conv\n   Conv\n   convTo\n\n",
        "/knees/own.fsx, line 1, column 14: 'convv' is not defined. Did you mean conv?"
    )]
    [InlineData(
        "/knees/own.fsx(9,1): error FS0058: Unexpected syntax. Try indenting this further.\nTo continue using non-conforming indentation, pass the '--strict-indentation-' flag to the compiler, or set the language version to F# 7.\n\n",
        "/knees/own.fsx, line 9, column 1: Unexpected syntax. Try indenting this further. Correct the script there."
    )]
    [InlineData(
        "/other/part(2,3).fsx(1,8): error FS0583: Unmatched '('\n\n",
        "/other/part(2,3).fsx, line 1, column 8: this `[` is never closed. Add `]` where it should end."
    )]
    public void What_does_not_compile_is_reported_with_line_and_column(
        string errors,
        string problem
    ) => Assert.Equal([problem], Problems(errors));

    [Theory]
    [InlineData(
        "note: the script's own\nSystem.Exception: my own\nsecond line\n   at FSI_0002.M.f(Int32 x) in /knees/own.fsx:line 4\n   at <StartupCode$FSI_0002>.$FSI_0002.main@() in /knees/own.fsx:line 7\nStopped due to error\n",
        "/knees/own.fsx, line 4: the script threw an exception: my own second line. Correct the script there."
    )]
    [InlineData(
        "System.ArgumentException: The input must be non-negative. (Parameter 'count')\n   at Microsoft.FSharp.Collections.ListModule.Replicate[T](Int32 count) in D:\\a\\list.fs:line 8\n   at KneeSeg.Dsl.Words.repeat(Int32 n) in /src/Words.fs:line 190\n   at <StartupCode$FSI_0002>.$FSI_0002.main@() in /knees/own.fsx:line 1\nStopped due to error\n",
        "/knees/own.fsx, line 1: the script threw an exception: The input must be non-negative. (Parameter 'count'). Correct the script there."
    )]
    [InlineData(
        "FSI_0002+Mine\n   at <StartupCode$FSI_0002>.$FSI_0002.main@()\nStopped due to error\n",
        "/knees/own.fsx: the script threw an exception: FSI_0002+Mine. Correct the script there."
    )]
    [InlineData(
        "Stack overflow.\nRepeated 261666 times:\n   at FSI_0002.f(Int32)\n",
        "/knees/own.fsx: the script overflowed the stack. End its recursion."
    )]
    public void What_stops_is_reported_with_its_line_and_no_trace(string errors, string problem) =>
        Assert.Equal([problem], Problems(errors));

    [Fact]
    public void Several_mistakes_are_several_problems() =>
        Assert.Equal(
            [
                "/knees/own.fsx, line 1, column 1: a. Correct the script there.",
                "/knees/own.fsx, line 2, column 2: b. Correct the script there.",
            ],
            Problems(
                "/knees/own.fsx(1,1): error FS0010: a\n\n/knees/own.fsx(2,2): error FS0010: b\n"
            )
        );

    [Theory]
    [InlineData("")]
    [InlineData("/knees/own.fsx(1,17): warning FS0025: Incomplete pattern matches.\n")]
    [InlineData("what the script writes: error\n")]
    public void What_is_no_error_is_no_problem(string errors) => Assert.Empty(Problems(errors));

    [Fact]
    public void An_internal_error_has_its_own_exit_code() =>
        Assert.Equal(
            ExitCode.Fault,
            Fail.guard(FuncConvert.FromFunc<ExitCode>(() => throw new NotSupportedException("?")))
        );
}

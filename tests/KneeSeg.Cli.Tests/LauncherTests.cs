using System.Diagnostics;
using KneeSeg.Cli.Tests.Docs;

namespace KneeSeg.Cli.Tests;

/// <summary>The launcher in a clone of nothing but itself, with a <c>dotnet</c> that builds a program of one line.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public LauncherTests()
    {
        foreach (var room in new[] { "build", "dsl", "src/KneeSeg.Cli", "bin", "home" })
            Directory.CreateDirectory(At(room));
        foreach (var file in new[] { "kneeseg", "build/setup.sh", "dotnet-tools.json" })
            File.Copy(Repository.At(file), At(file));
        foreach (var file in new[] { "paket.lock", "Directory.Build.props" })
            File.WriteAllText(At(file), "");
        Program(
            "program",
            "for fd in 0 1 2; do [ ! -f /proc/$$/fd/$fd ] || exit 9; done; echo \"ran $*\""
        );
        Dotnet("mkdir -p artifacts/kneeseg; cp bin/program artifacts/kneeseg/kneeseg");
    }

    private string Stamp => At("artifacts/kneeseg/.built");

    private string At(string name) => Path.Combine(folder, name);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void It_builds_once_and_again_when_a_source_is_newer()
    {
        Assert.Equal("ran a b\n", Run("./kneeseg a b").IsDone().Output);
        Assert.Equal("", Run("./kneeseg").IsDone().Error);
        File.SetLastWriteTimeUtc(At("paket.lock"), DateTime.UtcNow.AddMinutes(1));
        Assert.Contains("building", Run("./kneeseg").IsDone().Error);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public void A_signal_ends_the_build_and_all_it_started_and_the_next_call_builds(
        string signal,
        int exit
    )
    {
        Run("mkfifo building").IsDone();
        Dotnet("env --default-signal=INT sleep 600 & echo $$ $! >building; wait");
        using var launcher = Start("exec ./kneeseg");
        var ids = File.ReadAllText(At("building")).Split(' ');
        Process.Start("kill", [$"-{signal}", $"{launcher.Id}"]).WaitForExit();
        Assert.Contains("the build was interrupted", launcher.StandardError.ReadToEnd());
        launcher.WaitForExit();
        Assert.Equal(exit, launcher.ExitCode);
        Assert.All(ids, Gone.Await);
        Assert.False(File.Exists(Stamp));

        Dotnet("mkdir -p artifacts/kneeseg; cp bin/program artifacts/kneeseg/kneeseg");
        Assert.Equal("ran \n", Run("./kneeseg").IsDone().Output);
    }

    [Fact]
    public void A_build_that_fails_leaves_no_stamp_and_says_where_its_log_is()
    {
        Dotnet("echo 'x.fs(1,1): error FS0010: odd'; exit 1");
        var answer = Run("./kneeseg");
        Assert.Equal(6, answer.Exit);
        Assert.Contains("error FS0010", answer.Error);
        Assert.Contains("build.log", answer.Error);
        Assert.False(File.Exists(Stamp));
    }

    [Theory]
    [InlineData("<&-")]
    [InlineData(">&-")]
    [InlineData("2>&-")]
    [InlineData("<&- >&- 2>&-")]
    public void A_closed_stream_is_not_given_to_a_file(string closed) =>
        Assert.Equal(0, Run($"./kneeseg && ./kneeseg {closed}").Exit);

    [Fact]
    public void Of_the_tool_cache_only_entries_of_our_tools_go_whose_folder_is_gone()
    {
        var cache = Directory.CreateDirectory(At("home/.dotnet/toolResolverCache/1")).FullName;
        string Entry(string version, string place) =>
            $$"""{"Version":"{{version}}","Name":"paket","PathToExecutable":"{{place}}"}""";
        var there = Entry("11.0.0", Path.Combine(folder, @"caf\u00E9/paket.dll"));
        var gone = Entry("12.0.0", At("packages/paket.dll"));
        Directory.CreateDirectory(At("café"));
        File.WriteAllText(At("café/paket.dll"), "");
        var (paket, other) = (Path.Combine(cache, "paket"), Path.Combine(cache, "others-tool"));
        File.WriteAllText(paket, $"[{there},{gone}]");
        File.WriteAllText(other, $"[{gone}]");
        Run("./kneeseg").IsDone();
        Assert.Equal($"[{there}]", File.ReadAllText(paket));
        Assert.Equal($"[{gone}]", File.ReadAllText(other));
    }

    [Fact]
    public void Without_a_home_that_can_be_written_the_block_says_so()
    {
        Directory.Delete(At("home"));
        var answer = Run("./kneeseg");
        Assert.Equal(6, answer.Exit);
        Assert.Contains("Set HOME", answer.Error);
    }

    private void Dotnet(string publish) =>
        Program(
            "dotnet",
            $"""
            case $1 in
              --list-sdks) echo '10.0.100 [x]' ;;
              nuget) echo 'E somewhere' ;;
              publish) {publish} ;;
            esac
            """
        );

    private void Program(string name, string script)
    {
        var path = At($"bin/{name}");
        File.WriteAllText(path, $"#!/usr/bin/env bash\ncd '{folder}'\n{script}\n");
        Process.Start("chmod", ["+x", path]).WaitForExit();
    }

    private Answer Run(string command)
    {
        using var shell = Start(command);
        var error = shell.StandardError.ReadToEndAsync();
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return new Answer(shell.ExitCode, output, error.Result);
    }

    private Process Start(string command) =>
        Kneeseg.Launch([
            "--unset=DOTNET_CLI_HOME",
            $"HOME={At("home")}",
            $"PATH={At("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            "bash",
            "-c",
            $"cd '{folder}'; {command}",
        ]);
}

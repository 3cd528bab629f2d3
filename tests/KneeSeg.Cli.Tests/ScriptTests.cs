using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using KneeSeg.Dsl;

namespace KneeSeg.Cli.Tests;

/// <summary>A user's files: what they may do, and what is said when they can't be read.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string name) => Path.Combine(folder, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    [Theory]
    [InlineData(
        "let a =\r\n    conv 3 8\r\nnetwork3d \"x\" [ a; clasify ]",
        "own.fsx, line 3, column 20",
        "Did you mean classify?"
    )]
    [InlineData(
        "network3d \"x\" [ conv 3 8",
        "own.fsx, line 1, column 15",
        "this `[` is never closed"
    )]
    [InlineData(
        "let f x =\n    failwith \"my own\"\nnetwork3d \"x\" [ f 3; classify ]",
        "own.fsx, line 2",
        "my own"
    )]
    [InlineData(
        "let rec f x = 1 + f x\nnetwork3d \"x\" [ conv 3 (f 0); classify ]",
        "own.fsx",
        "overflowed the stack"
    )]
    [InlineData("exit 0", "own.fsx", "before its last line")]
    [InlineData("// nothing yet", "own.fsx", "ends without a value")]
    [InlineData(
        "[ network3d \"x\" [ classify ]; network3d \"x\" [ relu; classify ] ]",
        "own.fsx",
        "2 networks are named 'x'"
    )]
    [InlineData(
        "let mutable b = relu\nfor _ in 1..100000 do b <- residual b\nrelative (network3d \"x\" [ b; classify ])",
        "own.fsx",
        "nested more than 256 deep"
    )]
    public void What_is_wrong_is_one_block_with_its_place(string script, params string[] says) =>
        Kneeseg.Run("describe", Write("own.fsx", script)).IsProblem(ExitCode.Spec, says);

    [Fact]
    public void A_script_may_print_read_load_and_be_called_anything()
    {
        var inside = Directory.CreateDirectory(At("\"in\" (1,2)")).FullName;
        File.WriteAllText(Path.Combine(inside, "part.fsx"), "let block = conv 3 8");
        var script = Path.Combine(inside, "größer 'als' 膝.fsx");
        File.WriteAllText(
            script,
            """
            #load "part.fsx"
            open System
            Console.Error.WriteLine "an error of its own"
            printfn "it reads %A" (Console.ReadLine())
            IO.Directory.SetCurrentDirectory "/"
            Console.Write "and ends in the middle of a line"
            network3d "x" [ Part.block; classify ]
            """,
            new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true)
        );
        var answer = Kneeseg.Run("describe", script, "--json").IsDone();
        using var json = JsonDocument.Parse(answer.Output);
        Assert.Equal("x", json.RootElement.GetProperty("name").GetString());
        foreach (var said in new[] { "its own", "it reads <null>", "the middle of a line" })
            Assert.Contains(said, answer.Error);
    }

    [Fact]
    public void A_sequence_of_networks_is_a_family()
    {
        var script = Write(
            "own.fsx",
            "seq { for w in [ 4; 12 ] do network3d $\"x{w}\" [ conv 3 w; classify ] }"
        );
        var answer = Kneeseg.Run("variants", script, "--with", "small").IsDone();
        string[][] rows =
        [
            .. answer
                .Output.Split('\n')
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        ];
        Assert.Equal(["network", "width", "parameters"], rows[0].Take(3));
        Assert.Equal(["x4", "x12", "x4 small", "x12 small"], rows[1..5].Select(Named));
        var family = Kneeseg.Run("describe", script).IsDone().Output;
        Assert.Contains("\nx12 ", family);
        Assert.Contains("2 networks. To see one: kneeseg describe", family);
        Kneeseg.Run("describe", script, "--json").IsProblem(ExitCode.Usage, "got 2", "own.fsx#x4");
        Assert.StartsWith(
            "x12+small: 3D",
            Kneeseg.Run("describe", $"{script}#x12+small").IsDone().Output
        );
        Kneeseg.Run("describe", $"{script}#x5").IsProblem(ExitCode.Usage, "own.fsx#x5", "x4");

        static string Named(string[] row) =>
            string.Join(' ', row.TakeWhile(cell => !char.IsDigit(cell[0])));
    }

    [Fact]
    public void Variants_in_a_script_show_in_names_and_equal_networks_are_one()
    {
        var script = Write(
            "own.fsx",
            """
            let own = network3d "own" [ conv 3 8; batchNorm; relu; conv 3 8; relu; classify ]
            [ for norm in [ id; variant "norm=instance" (withNorm InstanceNorm) ] do
                  for skips in [ id; gated ] do
                      own |> norm |> skips ]
            """
        );
        var answer = Kneeseg.Run("describe", $"{script}#own+norm=instance+small").IsDone();
        Assert.StartsWith("own+norm=instance+small: 3D", answer.Output);
        Assert.Contains("own.fsx lists 2 networks twice: a variant changed nothing", answer.Error);
        Assert.Contains(
            "'recurrent' leaves 4 convolutions that are not recurrent",
            Kneeseg.Run("describe", "unet+tiny+recurrent").IsDone().Output
        );
    }

    [Fact]
    public void A_member_that_cannot_be_built_is_a_row_with_its_reason()
    {
        var script = Write(
            "own.fsx",
            "[ for w in [ 12; 16 ] do network3d $\"x{w}\" [ conv 3 w; groupNorm 8; classify ] ]"
        );
        var answer = Kneeseg.Run("variants", script, "--with", "nested").IsDone();
        Assert.Contains("x12/norm 1: 8 groups do not divide 12 channels", answer.Output);
        Assert.Contains("\nx16 ", answer.Output);
        Assert.Contains("x12 and 1 more: 'nested' changes nothing", answer.Error);
    }

    [Theory]
    [InlineData("", 2, 130)]
    [InlineData("", 9, 137)]
    [InlineData("trap '' HUP INT QUIT TERM", 15, 143)]
    public void A_script_without_end_ends_with_the_program_and_so_does_what_it_started(
        string shell,
        int signal,
        int exit
    )
    {
        var script = Write("own.fsx", $"{Starting("while :; do sleep 1; done")}\nwhile true do ()");
        using var program = Kneeseg.StartAfter(shell, "describe", script);
        string?[] ids = [program.StandardError.ReadLine(), program.StandardError.ReadLine()];
        Assert.Equal(0, Kill(program.Id, signal));
        Assert.True(program.WaitForExit(TimeSpan.FromSeconds(20)), "the program is still running");
        Assert.Equal(exit, program.ExitCode);
        Assert.All(ids, Gone.Await);
    }

    [Fact]
    public void What_a_script_leaves_running_ends_with_it()
    {
        var script = Write(
            "own.fsx",
            $"{Starting("exec sleep 600 >/dev/null 2>&1")}\nnetwork3d \"x\" [ classify ]"
        );
        var said = Kneeseg.Run("describe", script).IsDone().Error.Split('\n');
        Assert.All(said[..2], Gone.Await);
    }

    /// <summary>A script that tells its process and that of a shell it starts, which ignores signals.</summary>
    private static string Starting(string shell) =>
        $"""
            let shell = System.Diagnostics.Process.Start("sh", [ "-c"; "trap '' HUP INT TERM; {shell}" ])
            printfn "%d\n%d" System.Environment.ProcessId shell.Id
            """;

    [Fact]
    public void Without_dotnet_the_block_says_what_to_install()
    {
        using var program = new Process
        {
            StartInfo = new(
                Kneeseg.Program,
                ["describe", Write("own.fsx", "network3d \"x\" [ classify ]")]
            )
            {
                RedirectStandardError = true,
                Environment =
                {
                    ["PATH"] = folder,
                    ["DOTNET_ROOT"] = Path.GetFullPath(
                        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")
                    ),
                },
            },
        };
        program.Start();
        var error = program.StandardError.ReadToEnd();
        program.WaitForExit();
        new Answer(program.ExitCode, "", error).IsProblem(ExitCode.Resources, ".NET 10 SDK");
    }

    [Fact]
    public void A_watched_network_is_shown_again_after_each_save()
    {
        var script = Write("own.fsx", "network3d \"x\" [ conv 3 8; classify ]");
        using var program = Kneeseg.StartAfter("", "describe", script, "--watch");
        Await(program.StandardOutput, "parameters                    287");
        File.WriteAllText(script, "network3d \"x\" [ conv 3 9; classify ]");
        Await(program.StandardOutput, "parameters                    322");
        File.WriteAllText(script, "network3d \"x\" [ conv 9; classify ]");
        Await(program.StandardError, "   1  network3d \"x\" [ conv 9; classify ]");
        Await(program.StandardError, "                      ^");
        File.WriteAllText(script, "network3d \"x\" [ conv 3 10; classify ]");
        Await(program.StandardOutput, "parameters                    357");
        Assert.Equal(0, Kill(program.Id, 2));
        Assert.True(program.WaitForExit(TimeSpan.FromSeconds(20)), "the program is still running");
        Assert.Equal(130, program.ExitCode);
    }

    [Fact]
    public void Each_line_shows_what_it_makes()
    {
        var script = Write(
            "own.fsx",
            """
            printfn "once"
            let unit width =
                chain [ conv 3 width; batchNorm; relu ]
            let level width = {
                Encode = unit width
                Down = maxPool 2
                Skip = concat |> via (convTo (Fraction 2) 1)
                Up =
                    deconv 2 width
                Decode = repeat 2 (unit width)
            }
            network3d "x" [
                encoderDecoder [ level 8; level 16 ] (unit 32)
                classify
            ]
            |> scaled 0.5
            """
        );
        var said = Kneeseg.Run("describe", script, "--lines").IsDone();
        Assert.Equal("once\n", said.Error);
        // Of convolutions 27 a b + b, of batch norms 2 b, of deconvolutions 8 a b + b, of the path a b + b.
        var lines = said.Output.Split('\n').Where(line => line.Contains('×')).Select(Note);
        Assert.Equal(
            [
                "3 4 × 64³, 120; 4 × 64³, 660; 4 × 64³, 444; 8 × 32³, 888; …",
                "4 4 × 64³, 1.49 k; 8 × 32³, 6.32 k",
                "5 4 × 64³, 120; 8 × 32³, 888",
                "6 4 × 32³; 8 × 16³",
                "7 2 × 64³, 10; 4 × 32³, 36",
                "9 4 × 64³, 260; 8 × 32³, 1.03 k",
                "10 4 × 64³, 1.1 k; 8 × 32³, 4.37 k",
                "12 7 × 64³, 11.4 k",
                "13 4 × 64³, 11.3 k",
                "14 7 × 64³, 35",
            ],
            lines
        );
    }

    /// <summary>The number of a line, and what stands behind it.</summary>
    private static string Note(string line) =>
        $"{line.Trim().Split(' ')[0]} {Regex.Match(line, "  +(\\d+ × .*)").Groups[1].Value}";

    [Fact]
    public void A_network_s_errors_stand_below_their_lines()
    {
        var script = Write(
            "own.fsx",
            """
            let level width = {
                Encode = conv 3 width
                Down = maxPool 2
                Skip = add
                Up = deconv 2 (width + 1)
                Decode = conv 2 width
            }
            network3d "x" [ encoderDecoder [ level 8; level 16 ] (conv 3 32); classify ]
            """
        );
        var answer = Kneeseg.Run("describe", script, "--lines");
        Assert.Equal((int)ExitCode.Spec, answer.Exit);
        var lines = answer.Error.Split('\n').ToList();
        Assert.Equal(
            lines.FindIndex(line => line.Contains("Up = ")) + 1,
            lines.FindIndex(line => line.Contains("error: cannot add feature maps of 16 and 17"))
        );
        Assert.Equal(
            lines.FindIndex(line => line.Contains("Decode = ")) + 1,
            lines.FindIndex(line => line.Contains("cannot be padded symmetrically"))
        );
    }

    [Fact]
    public void A_word_with_another_meaning_is_pointed_out() =>
        Assert.Contains(
            "gives the word `relu` another meaning",
            Kneeseg
                .Run(
                    "describe",
                    Write(
                        "own.fsx",
                        "let relu = identity\nnetwork3d \"x\" [ conv 3 8; relu; classify ]"
                    )
                )
                .IsDone()
                .Error
        );

    /// <summary>Reads up to a line; fails where the output ends before.</summary>
    private static void Await(StreamReader output, string line)
    {
        while (output.ReadLine() is { } next)
            if (next == line)
                return;
        Assert.Fail($"never said: {line}");
    }

    [Fact]
    public void A_folder_or_nothing_is_no_script()
    {
        Kneeseg.Run("describe", At("nowhere.fsx")).IsProblem(ExitCode.Data, "file not found");
        var inside = Directory.CreateDirectory(At("folder.fsx")).FullName;
        Kneeseg.Run("describe", inside).IsProblem(ExitCode.Data, "folder.fsx");
    }

    [Fact]
    public void Errors_in_json_come_at_once_with_file_and_path()
    {
        var spec = Write("own.json", """{"format":2,"name":7,"spatialDims":4}""");
        var answer = Kneeseg.Run("describe", spec);
        Assert.Equal((int)ExitCode.Spec, answer.Exit);
        foreach (var said in new[] { "spec.spatialDims", "spec.name", "without 'body'" })
            Assert.Contains(said, answer.Error);
        Assert.Contains($"  where  {spec}, spec.spatialDims", answer.Error);
    }

    [Fact]
    public void A_new_network_is_named_after_its_file_and_works_as_it_is()
    {
        var spec = At("my-knee.fsx");
        Assert.Contains($"describe {spec}", Kneeseg.Run("new", spec).IsDone().Output);
        Assert.Equal([spec], Directory.GetFiles(folder));
        var text = File.ReadAllText(spec);
        Assert.Contains($"train {spec} --data knees --run runs/my-knee ", text);
        Assert.StartsWith("my-knee: 3D", Kneeseg.Run("describe", spec).IsDone().Output);

        File.WriteAllText(spec, "mine");
        Kneeseg.Run("new", spec).IsProblem(ExitCode.Resources, "exists");
        Assert.Equal("mine", File.ReadAllText(spec));
    }

    [Fact]
    public void A_new_network_runs_in_fsharp_itself()
    {
        var spec = At("mine.fsx");
        Kneeseg.Run("new", spec).IsDone();
        File.AppendAllText(spec, "|> Json.text |> fun json -> printfn $\"{json}\\n{unet3d.Name}\"");
        var said = Kneeseg.AwaitEnd(Kneeseg.Launch(["dotnet", "fsi", spec])).IsDone();
        Assert.Equal("", said.Error);
        var lines = said.Output.Split('\n');
        Assert.Equal("mine", Networks.Parse(lines[0]).Name);
        Assert.Equal("unet3d", lines[1]);
    }

    [Fact]
    public void A_script_and_what_it_loads_may_look_for_the_library_where_another_machine_has_it()
    {
        const string editor = "#I \"/nowhere/kneeseg\"\n#r \"KneeSeg.Dsl.dll\"\nopen KneeSeg.Dsl\n";
        Write("part.fsx", $"{editor}let block = conv 3 8");
        var script = Write(
            "own.fsx",
            $"{editor}#load \"part.fsx\"\n[ for name in [ \"x\"; \"y\" ] do network3d name [ Part.block; classify ] ]"
        );
        var said = Kneeseg.Run("describe", $"{script}#y+small").IsDone();
        Assert.StartsWith("y+small: 3D", said.Output);
        Assert.Equal("", said.Error);
    }

    [Fact]
    public void A_script_may_name_another_copy_of_the_library()
    {
        File.Copy(typeof(Networks).Assembly.Location, At("KneeSeg.Dsl.dll"));
        var script = Write("own.fsx", "#r \"KneeSeg.Dsl.dll\"\nnetwork3d \"x\" [ classify ]");
        Assert.StartsWith("x: 3D", Kneeseg.Run("describe", script).IsDone().Output);
    }

    [Theory]
    [InlineData("own.json", ".fsx")]
    [InlineData("own", ".fsx")]
    [InlineData(".fsx", "Use letters")]
    [InlineData("a\"b.fsx", "Use letters")]
    [InlineData("unet+small.fsx", "Use letters")]
    public void A_file_that_can_be_no_network_is_not_made(string name, string says)
    {
        Kneeseg.Run("new", At(name)).IsProblem(ExitCode.Usage, says);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}

using System.Diagnostics;
using System.Text.Json;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Rendering;
using KneeSeg.Reports.Page;
using KneeSeg.Reports.Viewer;
using SkiaSharp;

namespace KneeSeg.Tests.Reports;

public sealed class ViewerTests : IDisposable
{
    private static readonly Size3 Size = new(40, 36, 24);

    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_page_has_the_structures_and_ten_millimeters_around_them()
    {
        var whole = Case();

        var image = Image(Pack(whole));

        // Voxels of 1.5 x 1.5 x 2.5 mm: 7, 7 and 4 of them are 10 mm or a little more, where the image has them.
        Assert.Equal(new(9 + 2 * 7, 8 + 2 * 7, 6 + 2 * 4), image.Grid.Size);
        // Each voxel is where it was, as bright as it was.
        var at = whole.Image.Grid.Affine.Inverse() * image.Grid.Affine;
        var corner = at.Apply(0, 0, 0);
        Assert.Equal(
            (10 - 7, 12 - 7, 9 - 4),
            ((int)corner.X, (int)corner.Y, (int)Math.Round(corner.Z))
        );
        Assert.True(image.Voxels[^1] > image.Voxels[0]);
    }

    [Fact]
    public void A_page_of_too_many_voxels_leaves_out_those_between()
    {
        var whole = Case();

        var json = Pack(whole, most: 1000);

        var labels = Labels(json, "reference");
        Assert.InRange(labels.Voxels.Length, 300, 1000);
        Assert.Equal(labels.Grid, Image(json).Grid);
        var back = whole.Image.Grid.Affine.Inverse() * labels.Grid.Affine;
        for (var (k, n) = (0, 0); k < labels.Grid.Size.Z; k++)
        for (var j = 0; j < labels.Grid.Size.Y; j++)
        for (var i = 0; i < labels.Grid.Size.X; i++, n++)
        {
            var at = back.Apply(i, j, k);
            var (x, y, z) = ((int)Math.Round(at.X), (int)Math.Round(at.Y), (int)Math.Round(at.Z));
            Assert.Equal(At(x, y, z), labels.Voxels[n]);
        }
    }

    [Fact]
    public void A_thinned_image_is_the_mean_of_its_neighbors()
    {
        // A comb of 0 and 8 along the finest axis, of which every second voxel is left: 8/4 + 0/2 + 8/4 is 4 everywhere.
        var image = Samples.Volume(new Size3(9, 1, 1), (x, _, _) => x % 2 * 8f);
        var part = new CroppedGrid(image.Grid, new(0, 0, 0, 8, 0, 0), mostVoxels: 5);

        Assert.Equal([8f / 3, 4, 4, 4, 8f / 3], part.OfImage(image).Voxels);
    }

    [Fact]
    public void A_difference_says_what_is_missed_extra_or_another_structure()
    {
        var size = new Size3(4, 1, 1);
        var viewed = ViewedCase.Of(
            "case",
            new CaseVolumes(
                Samples.Volume(size, (x, _, _) => (float)x),
                Samples.Volume(size, (x, _, _) => new byte[] { 1, 1, 0, 2 }[x]),
                Samples.Volume(size, (x, _, _) => new byte[] { 1, 0, 2, 1 }[x])
            ),
            Samples.Labels
        );

        var json = Pack(viewed);

        Assert.Equal([0, 1, 2, 3], Labels(json, "difference").Voxels);
        Assert.Equal(
            ["missed", "extra", "another structure"],
            Layer(json, "difference")
                .GetProperty("entries")
                .EnumerateArray()
                .Select(entry => entry.GetProperty("name").GetString()!)
        );
    }

    [Fact]
    public void A_plate_has_a_map_of_its_thickness()
    {
        // Cartilage 3 mm thick on a flat bone.
        string[] names = ["background", "medial tibial cartilage", "tibia"];
        var labels = Samples.Volume(
            new Size3(20, 16, 10),
            (x, y, z) =>
                x is < 3 or > 16 || z is < 2 or > 7 ? (byte)0
                : y is 5 or 6 ? (byte)1
                : y is > 6 and < 14 ? (byte)2
                : (byte)0
        );
        var image = Samples.Volume(new Size3(20, 16, 10), (x, _, _) => (float)x);

        var json = Pack(ViewedCase.Of("case", image, names, labels));

        var map = Read(Layer(json, "thickness, labels"), VolumeFile.ReadImage);
        var thick = map.Voxels.Where(value => value > 0).ToArray();
        Assert.InRange(thick.Average(), 2.7, 3.2);
    }

    [Fact]
    public void A_missed_plate_has_no_thickness()
    {
        string[] names = ["background", "medial tibial cartilage"];
        var image = Samples.Volume(Size, (x, _, _) => (float)x);
        var reference = Samples.Volume(Size, (x, y, _) => x < 8 && y < 2 ? (byte)1 : (byte)0);
        var nothing = Samples.Volume(Size, (_, _, _) => (byte)0);

        var json = Pack(ViewedCase.Of("case", new(image, reference, nothing), names));

        var map = Read(Layer(json, "thickness, prediction"), VolumeFile.ReadImage);
        Assert.Equal(0, map.Voxels.Max());
    }

    [Fact]
    public void A_name_cannot_leave_its_place_in_the_page()
    {
        Assert.DoesNotContain("<b>", Pack(Case()));
    }

    [Fact]
    public void A_browser_shows_the_structures_and_loads_nothing_from_elsewhere()
    {
        var viewer = ViewerProgram.Find();
        Assert.SkipWhen(viewer is null, "build/viewer was not run");
        var chromium = Path.Combine("/usr/bin", "chromium");
        Assert.SkipUnless(File.Exists(chromium), "there is no Chromium");
        var page = ViewerPage.Draw(Case(), viewer);
        Assert.InRange(page.Length, 1_000_000, 1_500_000);
        var (file, shot) = (Path.Combine(folder, "page.html"), Path.Combine(folder, "shot.png"));
        File.WriteAllText(file, page.Replace("<body>", $"<body>{Watch}"));

        var dom = Browse(chromium, file, shot);

        Assert.Contains("data-state=\"open\"", dom);
        Assert.Contains("data-elsewhere=\"\"", dom);
        Assert.Contains("femoral cartilage", dom);
        using var picture = SKBitmap.Decode(shot);
        // Structures in their own hues, solid in 3D and over the image in the planes.
        foreach (var label in new[] { 1, 2 })
            Assert.InRange(Count(picture, LabelPalette.OnDark(label)), 300, 200_000);
        // The image, in grays that are neither the page's nor black.
        Assert.InRange(
            picture.Pixels.Count(one =>
                one.Red == one.Green && one.Green == one.Blue && one.Red is > 40 and < 200
            ),
            10_000,
            500_000
        );
    }

    // What the page loaded, and what it was kept from loading.
    private const string Watch = """
        <script>
        const elsewhere = [];
        document.addEventListener("securitypolicyviolation", (event) => elsewhere.push(event.blockedURI));
        setInterval(() => {
          const loaded = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => !/^(blob|data):/.test(name));
          document.documentElement.dataset.elsewhere = [...loaded, ...elsewhere].join(" ");
        }, 100);
        </script>
        """;

    private string Browse(string chromium, string page, string shot)
    {
        string[] words =
        [
            "--headless",
            "--no-sandbox",
            "--use-gl=angle",
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
            "--ignore-gpu-blocklist",
            "--force-device-scale-factor=1",
            "--window-size=700,800",
            "--virtual-time-budget=6000",
            $"--user-data-dir={Path.Combine(folder, "profile")}",
            $"--screenshot={shot}",
            "--dump-dom",
            page,
        ];
        using var process = Process.Start(
            new ProcessStartInfo(chromium, words)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var said = process.StandardError.ReadToEndAsync();
        var dom = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(File.Exists(shot), said.Result);
        return dom;
    }

    // Pixels whose channels stand to each other as in a color, light or dark, and mixed with gray at most by half.
    private static int Count(SKBitmap picture, Rgb color)
    {
        double[] own = Saturated(color.Red, color.Green, color.Blue);
        return picture.Pixels.Count(one =>
            Math.Max(one.Red, Math.Max(one.Green, one.Blue))
                - Math.Min(one.Red, Math.Min(one.Green, one.Blue))
                > 50
            && Saturated(one.Red, one.Green, one.Blue)
                .Zip(own, (a, b) => Math.Abs(a - b))
                .All(apart => apart < 0.12)
        );

        static double[] Saturated(double red, double green, double blue)
        {
            var (least, most) = (
                Math.Min(red, Math.Min(green, blue)),
                Math.Max(red, Math.Max(green, blue))
            );
            return most == least
                ? [0, 0, 0]
                : [.. new[] { red, green, blue }.Select(one => (one - least) / (most - least))];
        }
    }

    private static byte At(int x, int y, int z) =>
        x is < 10 or > 18 || y is < 12 or > 19 || z is < 9 or > 14 ? (byte)0
        : y < 16 ? (byte)1
        : (byte)2;

    // Two blocks, one below the other, on a ramp of gray.
    private static ViewedCase Case() =>
        ViewedCase.Of(
            "knee & <b>",
            new CaseVolumes(
                Samples.Volume(Size, (x, y, z) => (float)(10 * x + y + z)),
                Samples.Volume(Size, At),
                Samples.Volume(Size, At)
            ),
            Samples.Labels
        );

    private static string Pack(ViewedCase viewed, long most = 1_000_000) => viewed.Pack(most);

    private static JsonElement Layer(string json, string name) =>
        JsonDocument
            .Parse(json)
            .RootElement.GetProperty("layers")
            .EnumerateArray()
            .Single(layer => layer.GetProperty("name").GetString() == name);

    private Volume<float> Image(string json) =>
        Read(JsonDocument.Parse(json).RootElement, VolumeFile.ReadImage, "image");

    private Volume<byte> Labels(string json, string name) =>
        Read(Layer(json, name), (file, _, _) => VolumeFile.ReadLabels(file));

    private Volume<T> Read<T>(
        JsonElement from,
        Func<string, ModelSpacing?, Action<string>?, Volume<T>> read,
        string field = "file"
    )
        where T : unmanaged
    {
        var file = Path.Combine(folder, "volume.nii.gz");
        File.WriteAllBytes(file, from.GetProperty(field).GetBytesFromBase64());
        return read(file, null, null);
    }
}

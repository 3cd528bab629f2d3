using System.Text.Json;
using System.Text.Json.Serialization;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Morphology;
using KneeSeg.Morphometry;
using KneeSeg.Rendering;

namespace KneeSeg.Reports.Viewer;

/// <summary>A case for the viewer: an image, and labels to lay over it, on one grid.</summary>
/// <param name="Id">The case.</param>
/// <param name="Image">Its image.</param>
/// <param name="Labels">Names by label, background first.</param>
public sealed record ViewedCase(string Id, Volume<float> Image, IReadOnlyList<string> Labels)
{
    // In mm, around the structures.
    private const double Margin = 10;

    // In mm. Multiples of a power of two compress well.
    private const float ThicknessStep = 1 / 64f;

    private static readonly LegendEntry[] Differences =
    [
        new(1, "missed", Rgb.Of(0x56B4E9)),
        new(2, "extra", Rgb.Of(0xE69F00)),
        new(3, "another structure", Rgb.Of(0xCC79A7)),
    ];

    /// <summary>Its labels, and what to call them; may be empty.</summary>
    public IReadOnlyList<(string Name, Volume<byte> Labels)> Volumes { get; private init; } = [];

    private (Volume<byte> Reference, Volume<byte> Prediction)? Compared { get; init; }

    /// <summary>A case with one label volume.</summary>
    /// <param name="id">The case.</param>
    /// <param name="image">Its image.</param>
    /// <param name="labels">Names by label, background first.</param>
    /// <param name="volume">The label volume.</param>
    public static ViewedCase Of(
        string id,
        Volume<float> image,
        IReadOnlyList<string> labels,
        Volume<byte> volume
    ) => new(id, image, labels) { Volumes = [("labels", volume)] };

    /// <summary>A case with a reference and a prediction.</summary>
    /// <param name="id">The case.</param>
    /// <param name="volumes">Image, reference and prediction.</param>
    /// <param name="labels">Names by label, background first.</param>
    public static ViewedCase Of(string id, CaseVolumes volumes, IReadOnlyList<string> labels) =>
        new(id, volumes.Image, labels)
        {
            Volumes = [("reference", volumes.Reference), ("prediction", volumes.Prediction)],
            Compared = (volumes.Reference, volumes.Compared),
        };

    /// <summary>
    /// What <c>viewer.js</c> reads, as JSON: image and layers as gzipped NIfTI, cropped to the structures and 10 mm around them.
    /// </summary>
    /// <param name="mostVoxels">Of the image; the finest axes are thinned out where it has more.</param>
    internal string Pack(long mostVoxels)
    {
        var part = new CroppedGrid(Image.Grid, Box(), mostVoxels);
        var image = part.OfImage(Image);
        var window = GrayWindow.Of(image.Voxels);
        return JsonSerializer.Serialize(
            new ViewerContent(
                VolumeFile.Pack(
                    new Volume<byte>(part.Grid, Array.ConvertAll(image.Voxels, window.Gray)),
                    isLabels: false
                ),
                [.. LabelLayers(part), .. DifferenceLayer(part), .. ThicknessLayers(part)]
            ),
            ViewerContent.Style
        );
    }

    private VoxelBox Box()
    {
        var (grid, size) = (Image.Grid, Image.Grid.Size);
        var box = Volumes.Aggregate(
            VoxelBox.Empty,
            (all, one) => all.Union(VoxelBox.AroundForeground(one.Labels))
        );
        return box.IsEmpty
            ? new(0, 0, 0, size.X - 1, size.Y - 1, size.Z - 1)
            : box.Widened(Margin, grid);
    }

    private IEnumerable<ViewerLayer> LabelLayers(CroppedGrid part) =>
        Volumes.Select(one =>
        {
            var labels = part.Of(one.Labels);
            var present = new bool[256];
            foreach (var label in labels.Voxels)
                present[label] = true;
            return new ViewerLayer(one.Name, VolumeFile.Pack(labels, isLabels: true))
            {
                Entries =
                [
                    .. Enumerable
                        .Range(1, 255)
                        .Where(label => present[label])
                        .Select(label => new LegendEntry(label, Name(label), Color(label))),
                ],
            };
        });

    private IEnumerable<ViewerLayer> DifferenceLayer(CroppedGrid part)
    {
        if (Compared is not var (reference, prediction))
            yield break;
        var (known, found) = (part.Of(reference).Voxels, part.Of(prediction).Voxels);
        var voxels = new byte[known.Length];
        for (var i = 0; i < voxels.Length; i++)
            voxels[i] =
                known[i] == found[i] ? (byte)0
                : found[i] == 0 ? (byte)1
                : known[i] == 0 ? (byte)2
                : (byte)3;
        yield return new(
            "difference",
            VolumeFile.Pack(new Volume<byte>(part.Grid, voxels), isLabels: true)
        )
        {
            Entries = Differences,
        };
    }

    private IEnumerable<ViewerLayer> ThicknessLayers(CroppedGrid part)
    {
        Knee? first = null;
        foreach (var (name, labels) in Volumes)
        {
            // The prediction over the reference's bone, as it is evaluated.
            var knee = first?.Again(labels) ?? Knee.Of(labels, Labels);
            first ??= knee;
            if (!knee.Plates.Any())
                continue;
            var map = part.Of(PlateMap.Of(labels, knee).Thickness);
            for (var i = 0; i < map.Voxels.Length; i++)
                map.Voxels[i] = MathF.Round(map.Voxels[i] / ThicknessStep) * ThicknessStep;
            yield return new($"thickness, {name}", VolumeFile.Pack(map, isLabels: false))
            {
                Scale = ColorScale.Thickness,
            };
        }
    }

    private string Name(int label) =>
        label == LabelValue.Ignored ? "not annotated"
        : label < Labels.Count ? Labels[label]
        : $"label {label}";

    private static Rgb Color(int label) =>
        label == LabelValue.Ignored ? Rgb.Of(0x808080) : LabelPalette.OnDark(label);
}

/// <summary>What <c>viewer.js</c> reads.</summary>
/// <param name="Image">Gray values, 0 to 255, as gzipped NIfTI.</param>
/// <param name="Layers">What may be laid over it.</param>
internal sealed record ViewerContent(byte[] Image, IReadOnlyList<ViewerLayer> Layers)
{
    /// <summary>Colors as CSS writes them; safe within HTML.</summary>
    public static readonly JsonSerializerOptions Style = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new ColorConverter() },
    };

    private sealed class ColorConverter : JsonConverter<Rgb>
    {
        public override Rgb Read(
            ref Utf8JsonReader reader,
            Type type,
            JsonSerializerOptions options
        ) => throw new NotSupportedException();

        public override void Write(
            Utf8JsonWriter writer,
            Rgb value,
            JsonSerializerOptions options
        ) => writer.WriteStringValue(value.ToString());
    }
}

/// <summary>A volume to lay over the image: labels with names and colors, or numbers with a scale.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="File">Gzipped NIfTI.</param>
internal sealed record ViewerLayer(string Name, byte[] File)
{
    /// <summary>The labels that are in it; null for numbers.</summary>
    public IReadOnlyList<LegendEntry>? Entries { get; init; }

    /// <summary>The colors of numbers; null for labels.</summary>
    public ColorScale? Scale { get; init; }
}

/// <summary>A label's name and color.</summary>
internal sealed record LegendEntry(int Value, string Name, Rgb Color);

using System.Reflection;
using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Rendering;

namespace KneeSeg.Bench;

/// <summary>The pictures of <c>docs/explanation/patches.md</c>: the same knee after each kind of change at its strongest of a few draws.</summary>
internal static class AugmentationPictures
{
    private const int Pixels = 240;
    private const int Draws = 8;
    private static readonly ModelSize Size = new(16, 128, 128);

    // The default set, and the two kinds that only the published one has.
    private static readonly Augmentation Everything = Augmentation.Default with
    {
        QuarterTurns = new(1, 1),
        Gain = new(.3, 1),
    };

    private static int Middle => Size.Depth / 2;

    /// <summary>Writes a picture for each field of <see cref="Augmentation"/>, and one of the knee as it is.</summary>
    public static void Write(string folder)
    {
        var knee = Phantom.Create(1, new(24, 144, 144));
        var preparation = new Preprocessor(new(112.0 / 24, 140.16 / 144, 140.16 / 144));
        var prepared = PreprocessedCase.From(
            "knee",
            preparation.Apply(
                new(knee.Image.Grid, Array.ConvertAll(knee.Image.Voxels, value => (float)value))
            ),
            preparation.ApplyToLabels(knee.Labels),
            7
        );
        var window = GrayWindow.Of(prepared.Image.Span);
        Save("none", Augmentation.None);
        foreach (
            var field in typeof(Augmentation).GetProperties(
                BindingFlags.Instance | BindingFlags.Public
            )
        )
        {
            var change = (RandomTransform)field.GetValue(Everything)!;
            // Whole turns, and the others half as strong again, so that all of them show.
            var shown = field.Name == nameof(Augmentation.QuarterTurns) ? 1 : 1.5;
            var only = new Augmentation();
            field.SetValue(only, new RandomTransform(shown * change.Magnitude, 1));
            Save(field.Name, only);
        }

        void Save(string name, Augmentation augmentation)
        {
            PatchSamplingOptions rule = new(
                Size,
                PatchKind.Volume,
                0,
                FlipAugmentation.None,
                augmentation
            )
            {
                Distribution = CropDistribution.Centered,
            };
            var plain = Patch(rule with { Augmentation = Augmentation.None }, 0).Image;
            var patch = Enumerable
                .Range(0, Draws)
                .Select(step => Patch(rule, step))
                .MaxBy(patch =>
                    Shown(patch.Image).Zip(Shown(plain), (a, b) => Math.Abs(a - b)).Sum()
                )!;
            var grid = Grid.Centered(
                new(Size.Width, Size.Height, Size.Depth),
                preparation.Spacing.OfModelVolume,
                Orientation.ModelCodes
            );
            var gray = Slice<float>.Cut(new(grid, patch.Image), Plane.Sagittal, Middle);
            var labels = Slice<byte>.Cut(new(grid, patch.Labels), Plane.Sagittal, Middle);
            var picture = SlicePicture.Draw(window.Apply(gray), labels, Pixels);
            var path = Path.Combine(folder, $"{name.ToLowerInvariant()}.png");
            AtomicFile.Write(path, stream => stream.Write(Png.Encode(picture)));
        }

        static float[] Shown(float[] image) =>
            image[(Middle * Size.Height * Size.Width)..((Middle + 1) * Size.Height * Size.Width)];

        Patch Patch(PatchSamplingOptions rule, int step) =>
            new PatchSampler([prepared], rule, 2).Sample(0, step, 0);
    }
}

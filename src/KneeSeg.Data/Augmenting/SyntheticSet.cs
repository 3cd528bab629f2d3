using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Data.Augmenting;

/// <summary>A dataset of images synthesized from the labels of another.</summary>
public static class SyntheticSet
{
    // Of images whose mean is 0 and deviation 1: in whole numbers, most of them above 0.
    private const float Scale = 200;
    private const float Offset = 800;

    /// <summary>
    /// Writes <c>images/</c>, <c>labels/</c> and <c>dataset.json</c>: of each labeled case so many images, all of its subject
    /// and in its split. The same seed gives the same images.
    /// </summary>
    /// <param name="source">The dataset, of which only labels are read.</param>
    /// <param name="folder">Where; made if needed.</param>
    /// <param name="contrasts">Images of each case.</param>
    /// <param name="seed">Of all random choices.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="warn">Receives warnings about label files, one sentence each.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">
    /// A source labels only some structures (exit 2); no case has labels, or labels can't be read (exit 3); the folder can't be written or has a dataset (exit 6).
    /// </exception>
    public static Dataset Write(
        Dataset source,
        string folder,
        int contrasts,
        long seed,
        Action<CaseProgress>? progress = null,
        Action<string>? warn = null,
        CancellationToken cancel = default
    )
    {
        var manifest = Path.Combine(Path.GetFullPath(folder), Dataset.ManifestName);
        if (File.Exists(manifest))
            throw new ProblemException(
                ExitCode.Resources,
                manifest,
                "the folder contains a dataset, which would be overwritten",
                "Choose another folder, or delete it"
            );
        DatasetCase[] labeled = [.. source.Cases.Where(one => one.Labels is not null)];
        if (labeled is [])
            throw new ProblemException(
                ExitCode.Data,
                source.Folder,
                "it has no labels",
                "Pass label volumes, or a dataset with labels"
            );
        if (source.Sources.FirstOrDefault(one => one.IsPartial) is { } partial)
            throw new ProblemException(
                ExitCode.Usage,
                source.Folder,
                $"{partial.Name} does not label every structure, and its background would be drawn as if it had none of the others",
                "Generate from each source alone, and train on the results together by repeating --data"
            );
        List<DatasetCase> cases = [];
        foreach (var (i, one) in labeled.Index())
        {
            cancel.ThrowIfCancellationRequested();
            progress?.Invoke(new(i, labeled.Length, one.Id));
            cases.AddRange(Write(one, source.Profile, manifest, contrasts, seed, warn));
        }
        var dataset = source with
        {
            Folder = Path.GetDirectoryName(manifest)!,
            Name = $"{source.Name}, synthetic",
            Cases = cases,
            Channels = [],
            Warnings = [],
        };
        AtomicFile.WriteText(manifest, ManifestWriter.Text(dataset));
        return dataset;
    }

    private static IEnumerable<DatasetCase> Write(
        DatasetCase one,
        LabelSchema profile,
        string manifest,
        int contrasts,
        long seed,
        Action<string>? warn
    )
    {
        string In(string kind, string name) =>
            Path.Combine(Path.GetDirectoryName(manifest)!, kind, $"{name}.nii.gz");
        var labels = Orientation.ToModel(one.ReadLabels(profile, warn));
        var (size, spacing) = (ModelSize.Of(labels.Grid), Spacings.Of(labels.Grid));
        var stored = In("labels", one.Id);
        VolumeFile.Write(stored, labels with { Voxels = InFile(labels.Voxels, profile) });
        for (var n = 1; n <= contrasts; n++)
        {
            var id = $"{one.Id}-contrast-{n}";
            var random = SplitMix64.At([seed, n, .. id.Select(letter => (long)letter)]);
            var image = new float[labels.Voxels.Length];
            SyntheticImage.Draw(
                SyntheticImage.Tissues(labels.Voxels, size, spacing, ref random),
                size,
                spacing,
                image,
                ref random
            );
            var path = In("images", id);
            VolumeFile.Write(path, new Volume<short>(labels.Grid, Array.ConvertAll(image, Whole)));
            yield return new(id, one.Subject, one.Side, one.Split, path, stored, null);
        }
    }

    private static byte[] InFile(byte[] voxels, LabelSchema profile) =>
        profile.Ignore is { } ignore
            ? Array.ConvertAll(voxels, label => label == LabelValue.Ignored ? ignore : label)
            : voxels;

    private static short Whole(float value) =>
        (short)Math.Clamp(MathF.Round(Offset + Scale * value), 0, short.MaxValue);
}

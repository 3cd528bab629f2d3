using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Phantoms;

/// <summary>A dataset of phantoms on disk.</summary>
public static class PhantomSet
{
    private const string SetName = "phantom knees";

    /// <summary>
    /// Writes <c>images/</c>, <c>labels/</c> and <c>dataset.json</c>. Case i has seed
    /// <paramref name="seed"/> + i; the last fifth (at least one) is for testing, the fifth before for
    /// validation, the rest for training. Existing cases are kept; the manifest is
    /// written last, so that a folder with one is complete. Of knees with several visits, <c>visits.csv</c> lists the
    /// scans, and <c>truth.json</c> has the exact measures of their cartilage.
    /// </summary>
    /// <param name="folder">Where; made if needed.</param>
    /// <param name="count">How many knees.</param>
    /// <param name="size">Voxels of each.</param>
    /// <param name="seed">Of the first.</param>
    /// <param name="format">Of the files.</param>
    /// <param name="structures">Those that are labeled, in the order of their values; null for all, as in <c>iwoai</c>.</param>
    /// <param name="progress">Called before each case.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <param name="channels">The contrasts of each case's images, which are named by them; null for one without a name.</param>
    /// <param name="contrast">Of the one image without a name.</param>
    /// <param name="visits">How often each knee is scanned; null for once, without exact measures.</param>
    /// <returns>The dataset, as it would be opened.</returns>
    /// <exception cref="ProblemException">
    /// An invalid count, seed, size, structure or number of visits (exit 2); the folder can't be written, or contains another
    /// dataset (exit 6).
    /// </exception>
    public static Dataset Write(
        string folder,
        int count,
        ModelSize size,
        long seed = 1,
        VolumeFormat format = VolumeFormat.Nifti,
        IReadOnlyList<string>? structures = null,
        Action<CaseProgress>? progress = null,
        CancellationToken cancel = default,
        IReadOnlyList<PhantomContrast>? channels = null,
        PhantomContrast contrast = PhantomContrast.Dess,
        PhantomVisits? visits = null
    )
    {
        if (count < 1 || seed < 0)
            throw new ProblemException(
                ExitCode.Usage,
                $"phantom set of {count} from seed {seed}",
                "the count or seed is out of range",
                "Choose a count of at least 1 and a seed of at least 0"
            );
        visits?.Check();
        IReadOnlyList<PhantomScan> scans =
        [
            .. Enumerable
                .Range(0, count)
                .SelectMany(i => visits?.Of(seed + i) ?? [new PhantomScan(seed + i)]),
        ];
        var contrasts = channels ?? [contrast];
        var dataset = Plan(
            Path.GetFullPath(folder),
            scans,
            visits is not null,
            size,
            format,
            contrasts
        ) with
        {
            Profile = ProfileOf(structures),
            Channels = channels is null ? [] : NamesOf(channels),
        };
        var manifest = Path.Combine(dataset.Folder, Dataset.ManifestName);
        RefuseOthers(manifest);
        var truth = new TruthFile(dataset.Profile);
        for (var i = 0; i < scans.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            progress?.Invoke(new(i, scans.Count, dataset.Cases[i].Id));
            if (visits is not null)
                truth.Add(dataset.Cases[i], scans[i]);
            var files = new PhantomFiles(
                dataset.Cases[i],
                scans[i],
                size,
                format,
                contrasts,
                dataset.Profile
            );
            if (files.AreValid())
                continue;
            Remove(manifest);
            files.Write();
        }
        if (visits is not null)
            truth.Write(dataset.Folder);
        var text = ManifestWriter.Text(dataset);
        if (!File.Exists(manifest) || File.ReadAllText(manifest) != text)
            AtomicFile.WriteText(manifest, text);
        return dataset;
    }

    /// <summary>The contrast of a name.</summary>
    /// <param name="name"><c>dess</c>, <c>t2</c> or <c>t1</c>.</param>
    /// <exception cref="ProblemException">There is none (exit 2).</exception>
    public static PhantomContrast ContrastOf(string name)
    {
        PhantomContrast[] all = Enum.GetValues<PhantomContrast>();
        var names = NamesOf(all);
        return Array.IndexOf(names, name) is >= 0 and var at
            ? all[at]
            : throw new ProblemException(
                ExitCode.Usage,
                $"contrast \"{name}\"",
                "phantoms have no such contrast",
                $"Use {string.Join(", ", names)}"
            );
    }

    /// <summary>The label map of a set.</summary>
    /// <param name="structures">Those that are labeled; null for all.</param>
    /// <exception cref="ProblemException">One is not a phantom's, or is there twice (exit 2).</exception>
    public static LabelSchema ProfileOf(IReadOnlyList<string>? structures)
    {
        var all = LabelSchema.Find("iwoai")!;
        if (structures is null)
            return all;
        if (structures.FirstOrDefault(one => !all.Labels.Skip(1).Contains(one)) is { } unknown)
            throw new ProblemException(
                ExitCode.Usage,
                $"structure \"{unknown}\"",
                "phantoms have no such structure",
                $"Use {string.Join(", ", all.Labels.Skip(1))}"
            );
        if (structures is [] || structures.Distinct().Count() < structures.Count)
            throw new ProblemException(
                ExitCode.Usage,
                $"structures {string.Join(", ", structures)}",
                structures is [] ? "there is none" : "one is there twice",
                "Name each structure once"
            );
        return new("phantom", [all.Labels[0], .. structures]);
    }

    private static Dataset Plan(
        string folder,
        IReadOnlyList<PhantomScan> scans,
        bool hasVisits,
        ModelSize size,
        VolumeFormat format,
        IReadOnlyList<PhantomContrast> contrasts
    )
    {
        var lattice = new Lattice(size);
        var (image, labels) = format switch
        {
            VolumeFormat.Nifti => (".nii.gz", ".nii.gz"),
            VolumeFormat.MetaImage => (".mha", ".mha"),
            _ => (".im", ".seg"),
        };
        var spacing = format == VolumeFormat.Iwoai ? lattice.ModelSpacing : (ModelSpacing?)null;
        return new Dataset(
            folder,
            SetName,
            LabelSchema.Find("iwoai")!,
            FlipAugmentation.Knees,
            [.. scans.Select(Case)]
        );

        DatasetCase Case(PhantomScan scan)
        {
            var subject = $"knee-{scan.Seed:0000}";
            var id = hasVisits ? $"{subject}-{scan.Name}" : subject;
            var (first, last) = (scans[0].Seed, scans[^1].Seed);
            return new(
                id,
                subject,
                Phantom.SideOf(scan.Seed),
                SplitOf((int)(scan.Seed - first), (int)(last - first + 1)),
                Image(id, 0),
                Path.Combine(folder, "labels", id + labels),
                spacing
            )
            {
                OtherImages =
                [
                    .. Enumerable.Range(1, contrasts.Count - 1).Select(n => Image(id, n)),
                ],
            };
        }

        string Image(string id, int channel) =>
            Path.Combine(folder, "images", $"{id}{Suffix(contrasts, channel)}{image}");
    }

    // A set of another contrast has files of other names, so that existing ones are not taken for its own.
    private static string Suffix(IReadOnlyList<PhantomContrast> contrasts, int channel) =>
        contrasts is [PhantomContrast.Dess] ? "" : $"-{NamesOf(contrasts)[channel]}";

    private static string[] NamesOf(IReadOnlyList<PhantomContrast> contrasts) =>
        [.. contrasts.Select(contrast => $"{contrast}".ToLowerInvariant())];

    private static Split SplitOf(int index, int count)
    {
        var fifth = Math.Max(1, count / 5);
        var test = count - fifth;
        // A set too small for all three goes without validation first.
        var validation = Math.Max(Math.Min(1, test), test - fifth);
        return index >= test ? Split.Test
            : index >= validation ? Split.Validation
            : Split.Train;
    }

    private static void RefuseOthers(string manifest)
    {
        if (!File.Exists(manifest))
            return;
        try
        {
            if (ManifestReader.Read(manifest).Name == SetName)
                return;
        }
        catch (ProblemException) { }
        throw new ProblemException(
            ExitCode.Resources,
            manifest,
            "the folder contains another dataset, which would be overwritten",
            "Choose another folder, or delete it"
        );
    }

    private static void Remove(string manifest)
    {
        try
        {
            if (File.Exists(manifest))
                File.Delete(manifest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Resources,
                manifest,
                $"can't be replaced ({e.Message.TrimEnd('.')})",
                "Choose a writable folder",
                e
            );
        }
    }
}

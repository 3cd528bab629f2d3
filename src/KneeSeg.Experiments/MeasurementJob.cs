using KneeSeg.Data.Datasets;
using KneeSeg.Evaluation;
using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Imaging;
using KneeSeg.Inference.Files;
using KneeSeg.Morphometry;
using KneeSeg.Morphometry.Meshes;
using KneeSeg.Reports.Page;
using KneeSeg.Reports.Tables;

namespace KneeSeg.Experiments;

/// <summary>Measures the cartilage plates of label volumes, visit after visit where a list of visits says so.</summary>
public static class MeasurementJob
{
    /// <summary>The name of the file with the results.</summary>
    public const string FileName = "measurements.json";

    /// <summary>Measures all cases and writes the results.</summary>
    /// <param name="paths">A dataset, or label volumes and folders of them.</param>
    /// <param name="profile">The name of their label map; null for that of the dataset or the predictions.</param>
    /// <param name="visits">
    /// A <see cref="VisitTable"/>; other visits of a knee are measured over the baseline's bone and in its regions. Null measures
    /// each case by itself.
    /// </param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="maps">Whether to write maps of thickness and regions, too.</param>
    /// <param name="meshes">The format of meshes to write; null for none.</param>
    /// <exception cref="ProblemException">
    /// There is no such label map (exit 2), nothing can be measured (exit 3), or the folder can't be written (exit 6).
    /// </exception>
    public static MeasurementReport Run(
        IReadOnlyList<string> paths,
        string? profile,
        string? visits,
        string folder,
        IProgressSink progress,
        bool maps = false,
        MeshFormat? meshes = null
    )
    {
        var dataset = Find(paths, profile);
        var job = new Measuring(dataset.Profile, progress, folder, maps, meshes);
        var cases = dataset.Cases.Where(one => one.Labels is not null).ToDictionary(one => one.Id);
        if (visits is null)
            job.Alone(cases.Values);
        else
            job.ByKnee(cases, VisitTable.Read(visits), visits);
        var report = job.Report();
        void Keep(string name, string text) =>
            AtomicFile.WriteText(Path.Combine(folder, name), text);
        Keep(FileName, report.ToJson() + "\n");
        Keep("measurements.csv", MeasurementTables.Regions(report));
        Keep("report.html", job.Page.Draw(report));
        return report;
    }

    private static Dataset Find(IReadOnlyList<string> paths, string? profile)
    {
        if (paths is [var one] && DatasetFolder.Exists(one))
            return DatasetFolder.Open(one);
        var found = LabelVolumes.Find(paths, profile ?? LabelSchema.Known[0].Name);
        return profile is null && EvaluationJob.ProfileOf(paths[0]) is { } own
            ? found with
            {
                Profile = own,
            }
            : found;
    }

    private sealed class Measuring(
        LabelSchema profile,
        IProgressSink progress,
        string folder,
        bool maps,
        MeshFormat? meshes
    )
    {
        private readonly List<MeasuredCase> measured = [];
        private readonly List<FailedCase> failed = [];
        private readonly FileWarnings warnings = new();
        private ProblemException? first;
        private int total;

        public MeasurementPage Page { get; } = new(profile.Labels);

        public void Alone(IEnumerable<DatasetCase> cases)
        {
            var all = cases.ToArray();
            Start(all.Length);
            foreach (var one in all)
                Measure(one, new(one.Id), baseline: null);
        }

        public void ByKnee(
            IReadOnlyDictionary<string, DatasetCase> cases,
            IReadOnlyList<CaseVisit> visits,
            string table
        )
        {
            var listed = visits.Where(visit => cases.ContainsKey(visit.Case)).ToArray();
            if (listed is [])
                throw new ProblemException(
                    ExitCode.Data,
                    table,
                    $"it lists none of the cases, such as {cases.Keys.First()}",
                    "Write the cases' names into column case"
                );
            if (cases.Count > listed.Length)
                progress.Say(
                    $"not in {table}, and left out: {string.Join(", ", cases.Keys.Except(listed.Select(visit => visit.Case)))}"
                );
            Start(listed.Length);
            foreach (var knee in listed.GroupBy(visit => (visit.Subject, visit.Knee)))
            {
                Knee? baseline = null;
                foreach (var visit in knee.OrderBy(visit => (visit.Visit, visit.Scan)))
                {
                    MeasuredCase one = new(visit.Case)
                    {
                        Subject = visit.Subject,
                        Knee = visit.Knee,
                        Visit = visit.Visit,
                        Scan = visit.Scan,
                        Years = visit.Years,
                    };
                    if (baseline is not null)
                        Measure(cases[visit.Case], one, baseline);
                    else if (visit.Visit == 0)
                        baseline = Measure(cases[visit.Case], one, baseline: null);
                    else
                        Fail(
                            one.Id,
                            new(
                                ExitCode.Data,
                                table,
                                $"case {one.Id} has no measured baseline, on whose bone it would be measured",
                                $"List visit 0 of subject {visit.Subject}, knee {visit.Knee}, and pass its labels"
                            )
                        );
                }
            }
        }

        public MeasurementReport Report()
        {
            warnings.Report(progress.Say);
            return measured is [] && first is not null ? throw first : new(1, measured, failed);
        }

        private void Start(int count)
        {
            total = count;
            Tell();
        }

        private void Tell() =>
            progress.Report(new Progress("measuring", measured.Count + failed.Count, total));

        // The knee; null if it can't be read.
        private Knee? Measure(DatasetCase one, MeasuredCase about, Knee? baseline)
        {
            try
            {
                var labels = one.ReadLabels(profile, warnings.About(one.LabelsPath));
                var knee = baseline?.Later(labels) ?? Knee.Of(labels, profile.Labels);
                measured.Add(about.Of(knee, profile.Labels));
                Page.Add(one.Id, knee, baseline);
                Write(one.Id, labels, knee);
                Tell();
                return knee;
            }
            catch (ProblemException e) when (e.Exit == ExitCode.Data)
            {
                Fail(one.Id, e);
                return null;
            }
        }

        private void Write(string id, Volume<byte> labels, Knee knee)
        {
            if (maps)
                MorphometryFiles.WriteMaps(Path.Combine(folder, "maps"), id, labels, knee);
            if (meshes is { } format)
                MorphometryFiles.WriteMeshes(
                    Path.Combine(folder, "meshes"),
                    id,
                    labels,
                    profile.Labels,
                    knee,
                    format
                );
        }

        private void Fail(string id, ProblemException e)
        {
            first ??= e;
            failed.Add(new(id, e.Where, e.What, e.Fix));
            Tell();
        }
    }
}

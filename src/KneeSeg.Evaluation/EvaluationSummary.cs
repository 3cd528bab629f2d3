using System.Text.Json;
using System.Text.Json.Serialization;

namespace KneeSeg.Evaluation;

/// <summary>The result of <c>evaluate</c>: metrics by case, by label and overall. Its JSON is <c>evaluation.json</c>.</summary>
/// <param name="Cases">In the order they were given.</param>
/// <param name="Labels">Every label of the profile but the background, in order.</param>
/// <param name="MeanDice">The mean over the labels of their mean Dice; null if no label occurs.</param>
public sealed record EvaluationSummary(
    IReadOnlyList<CaseMetrics> Cases,
    IReadOnlyList<LabelSummary> Labels,
    double? MeanDice
)
{
    /// <summary>The challenge's structures, as in <see cref="CaseMetrics.MergedLabels" />.</summary>
    [JsonPropertyName("tissues")]
    public IReadOnlyList<LabelSummary> MergedLabels { get; init; } = [];

    /// <summary>
    /// The 95 % interval over cases of <see cref="CaseMetrics.MeanDice" />, whose mean is <see cref="MeanDice" /> where
    /// every case has every label; null with fewer than two cases.
    /// </summary>
    public Interval? MeanDiceInterval { get; init; }

    /// <summary>The mean over the cartilage plates of their mean thickness error in mm; null without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MeanThicknessError =>
        SummaryStatistics.Of(Labels.Select(label => label.ThicknessError?.Mean)).Mean;

    /// <summary>The mean over the cartilage plates of their mean error of the denuded area in mm²; null without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MeanDenudedError =>
        SummaryStatistics.Of(Labels.Select(label => label.DenudedError?.Mean)).Mean;

    /// <summary>Whether predictions tell a change over time; null if no knee has several visits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChangeResponse? Response { get; init; }

    /// <summary>
    /// Confusion matrix over all cases in voxels: rows are reference labels, columns predicted ones, background first.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; init; } = [];

    /// <summary>Maps such as T2, measured within the labels; null if no case has any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MapReport? Maps { get; init; }

    /// <summary>Cases that could not be evaluated; they are excluded from all metrics.</summary>
    public IReadOnlyList<FailedCase> Failed { get; init; } = [];

    /// <summary>Counts of structures and of detection errors.</summary>
    [JsonIgnore]
    public StructureCounts Counts => StructureCounts.Of(Cases);

    /// <inheritdoc cref="StructureCounts.Structures"/>
    public int Structures => Counts.Structures;

    /// <inheritdoc cref="StructureCounts.Missed"/>
    public int Missed => Counts.Missed;

    /// <inheritdoc cref="StructureCounts.Misplaced"/>
    public int Misplaced => Counts.Misplaced;

    /// <inheritdoc cref="StructureCounts.Spurious"/>
    [JsonPropertyName("invented")]
    public int Spurious => Counts.Spurious;

    /// <summary>Summarizes cases with the same labels.</summary>
    public static EvaluationSummary Of(IReadOnlyList<CaseMetrics> cases)
    {
        var labels = Summaries(cases.SelectMany(c => c.Labels));
        return new(
            cases,
            labels,
            SummaryStatistics.Of(labels.Select(label => label.Dice.Mean)).Mean
        )
        {
            MergedLabels = Summaries(cases.SelectMany(c => c.MergedLabels)),
            MeanDiceInterval = Bootstrap.Mean([.. cases.Select(c => c.MeanDice).OfType<double>()]),
            Confusion = Evaluation.Confusion.Sum([.. cases.Select(c => c.Confusion)]),
        };
    }

    private static LabelSummary[] Summaries(IEnumerable<LabelMetrics> structures) =>
        [
            .. structures
                .GroupBy(m => m.Label)
                .OrderBy(g => g.Key)
                .Select(g => LabelSummary.Of([.. g])),
        ];

    private static LabelSummary[] Recounted(
        IReadOnlyList<LabelSummary> labels,
        IEnumerable<LabelMetrics> structures
    )
    {
        var misplaced = structures.Where(one => one.Misplaced).ToLookup(one => one.Label);
        return
        [
            .. labels.Select(label => label with { Misplaced = misplaced[label.Label].Count() }),
        ];
    }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() =>
        JsonSerializer.Serialize(this, EvaluationJson.Default.EvaluationSummary);

    /// <summary>Writes <see cref="ToJson" />.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Save(string path) => AtomicFile.WriteText(path, ToJson() + "\n");

    /// <summary>Reads what <see cref="Save" /> wrote.</summary>
    /// <exception cref="ProblemException">The file is missing or invalid (exit 3).</exception>
    public static EvaluationSummary Load(string path)
    {
        try
        {
            var read =
                JsonSerializer.Deserialize(
                    File.ReadAllText(path),
                    EvaluationJson.Default.EvaluationSummary
                ) ?? throw new JsonException("it is null");
            // Earlier versions did not count misplaced structures.
            return read with
            {
                Labels = Recounted(read.Labels, read.Cases.SelectMany(one => one.Labels)),
                MergedLabels = Recounted(
                    read.MergedLabels,
                    read.Cases.SelectMany(one => one.MergedLabels)
                ),
            };
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"it can't be read as an evaluation ({e.Message.TrimEnd('.')})",
                "Run evaluate again",
                e
            );
        }
    }
}

/// <summary>The JSON of an evaluation, generated at build time.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(EvaluationSummary))]
internal sealed partial class EvaluationJson : JsonSerializerContext;

/// <summary>A case that could not be evaluated.</summary>
/// <param name="Id">The case.</param>
/// <param name="Where">The file concerned.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Fix">What to do.</param>
public sealed record FailedCase(string Id, string Where, string What, string Fix);

/// <summary>Counts of structures and of detection errors over cases.</summary>
/// <param name="Structures">Structures in the references.</param>
/// <param name="Missed">Those absent from the prediction.</param>
/// <param name="Misplaced">Those predicted elsewhere, without a common voxel.</param>
/// <param name="Spurious">Structures predicted but not in the reference.</param>
public sealed record StructureCounts(
    int Structures,
    int Missed,
    int Misplaced,
    [property: JsonPropertyName("invented")] int Spurious
)
{
    /// <summary>Counts the labels of cases.</summary>
    public static StructureCounts Of(IEnumerable<CaseMetrics> cases)
    {
        LabelMetrics[] labels = [.. cases.SelectMany(one => one.Labels)];
        return new(
            labels.Count(label => label.Dice is not null && !label.Spurious),
            labels.Count(label => label.Missed),
            labels.Count(label => label.Misplaced),
            labels.Count(label => label.Spurious)
        );
    }

    /// <summary>The sum of counts.</summary>
    public static StructureCounts operator +(StructureCounts a, StructureCounts b) =>
        new(
            a.Structures + b.Structures,
            a.Missed + b.Missed,
            a.Misplaced + b.Misplaced,
            a.Spurious + b.Spurious
        );
}

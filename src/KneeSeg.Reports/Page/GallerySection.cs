using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Rendering;

namespace KneeSeg.Reports;

/// <summary>
/// Slices of cases from worst to best: image, truth, prediction, and where the two differ. The image is embedded
/// once a slice and labels are outlines over it, so the page stays small and contours stay sharp.
/// </summary>
internal sealed class GallerySection(
    ReportContent content,
    IReadOnlyDictionary<string, CaseViews> views
)
{
    private const int Worst = 4;
    private const double Margin = 10;

    private const int MostEmbedded = 10_000_000;

    private int slices;
    private int embedded;

    public Markup Draw()
    {
        if (content.Pictures.Count == 0)
            return Markup.None;
        var cases = Shown(content);
        return Markup.Of(
            $"""
            <section id="gallery">
            <h2>Pictures</h2>
            <p>{Which(
                cases.Count
            )} Sagittal slices have anterior on the left, coronal ones the patient's right. The last column shows what was missed in stripes and what was added in full color.</p>
            <ul class="legend">{Markup.Each(
                content.Labels.Skip(1).Select((name, i) => (Name: name, Label: i + 1)),
                one => Markup.Of($"""<li><i class="chip label-{one.Label}"></i>{one.Name}</li>""")
            )}</ul>
            {Stripes}
            {Markup.Each(cases, Case)}
            </section>
            """
        );
    }

    // Patterns can't take a class's color by themselves: white stripes over the label's color do it.
    private static Markup Stripes =>
        Markup.Of(
            $"""<svg class="defs" aria-hidden="true"><defs><pattern id="stripes" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 .75H3" stroke="#000" stroke-opacity=".7" stroke-width="1.3"/></pattern></defs></svg>"""
        );

    private string Which(int shown) =>
        shown == content.Pictures.Count
            ? $"{NumberText.Of(shown, "case")}, from worst to best."
            : $"The worst {NumberText.Of(Worst, "case")}, the middle one and the best of {content.Pictures.Count}.";

    /// <summary>The worst few, the middle one and the best; all where they are not many more.</summary>
    public static IReadOnlyList<CasePicture> Shown(ReportContent content)
    {
        var ranks = content
            .Evaluation?.WorstFirst()
            .Select((measured, rank) => (measured.Id, rank))
            .ToDictionary(one => one.Id, one => one.rank);
        CasePicture[] ordered =
        [
            .. content.Pictures.OrderBy(picture =>
                ranks?.GetValueOrDefault(picture.Id, int.MaxValue) ?? 0
            ),
        ];
        return ordered.Length <= Worst + 2
            ? ordered
            : [.. ordered[..Worst], ordered[(Worst + ordered.Length - 1) / 2], ordered[^1]];
    }

    /// <summary>The cases of the gallery that are shown as a whole: the worst, the middle and the best, or the middle alone.</summary>
    public static IReadOnlyList<CasePicture> Whole(ReportContent content)
    {
        var shown = Shown(content);
        if (shown.Count == 0)
            return [];
        var middle = shown[shown.Count < content.Pictures.Count ? Worst : (shown.Count - 1) / 2];
        return content.IsBrief ? [middle] : [.. new[] { shown[0], middle, shown[^1] }.Distinct()];
    }

    private Markup Case(CasePicture picture)
    {
        var measured = content.Evaluation?.Cases.FirstOrDefault(one => one.Id == picture.Id);
        var volumes = picture.Load();
        CaseVolumes turned = new(
            Orientation.ToModel(volumes.Image),
            Orientation.ToModel(volumes.Reference),
            Orientation.ToModel(volumes.Prediction)
        )
        {
            Compared = Orientation.ToModel(volumes.Compared),
        };
        var window = GrayWindow.Of(turned.Image.Voxels);
        return Markup.Of(
            $"""
            <article class="case">
            <h3>{picture.Id} {Score(measured)}</h3>
            {Markup.Each(
                SliceChoice.Of(turned.Reference, turned.Compared),
                choice => Panels(choice, window, turned)
            )}
            {(views.GetValueOrDefault(picture.Id) is { } whole ? Views(whole) : Markup.None)}
            {ThicknessPanels.Draw(content.Labels, turned.Reference, turned.Compared)}
            </article>
            """
        );
    }

    // The page stays one file, unless that makes it too large to be sent around.
    private Markup Views(CaseViews view)
    {
        var fits = (embedded += view.Slices.Length) <= MostEmbedded;
        return Markup.Of(
            $"""
            <div class="charts whole">
            <figure><figcaption>all sagittal slices with tissue</figcaption>{(
                fits
                    ? PageFrame.Picture("image, truth and prediction, slice by slice", "gif", view.Slices)
                    : Markup.Of(
                        $"""<a href="{Uri.EscapeDataString(view.SlicesFile)}">{view.SlicesFile}</a>"""
                    )
            )}</figure>
            <figure><figcaption>tissues as bodies</figcaption>{PageFrame.Picture(
                "truth and prediction as bodies",
                "png",
                view.Voxels
            )}</figure>
            </div>
            """
        );
    }

    private static Markup Score(CaseMetrics? measured) =>
        measured is null
            ? Markup.None
            : Markup.Of($"""<small>mean Dice {NumberText.Fraction(measured.MeanDice())}</small>""");

    private Markup Panels(SliceChoice choice, GrayWindow window, CaseVolumes volumes)
    {
        var (plane, index) = (choice.Plane, choice.Index);
        var truth = Slice<byte>.Cut(volumes.Reference, plane, index);
        var found = Slice<byte>.Cut(volumes.Prediction, plane, index);
        var frame = CropBox.Around(Margin, truth, found);
        var gray = window.Apply(Slice<float>.Cut(volumes.Image, plane, index).Crop(frame));
        var compared = Slice<byte>.Cut(volumes.Compared, plane, index).Crop(frame);
        (truth, found) = (truth.Crop(frame), found.Crop(frame));
        var id = $"slice-{++slices}";
        return Markup.Of(
            $"""
            <figure class="slices">
            <figcaption>{plane.ToString().ToLowerInvariant()} slice {index
                + 1}, {choice.Why}</figcaption>
            <div class="panels">
            {Panel("image", gray, Embedded(gray, id))}
            {Panel("truth", gray, Overlay(id, Outlines(truth, "outline")))}
            {Panel("prediction", gray, Overlay(id, Outlines(found, "outline")))}
            {Panel("difference", gray, Overlay(id, Difference(truth, compared)))}
            </div>
            </figure>
            """
        );
    }

    private static Markup Panel(string name, Slice<byte> slice, Markup inside) =>
        Markup.Of(
            $"""<div class="panel"><svg viewBox="0 0 {slice.Width} {slice.Height}" preserveAspectRatio="none" style="aspect-ratio:{Ratio(slice)}" role="img" aria-label="{name}">{inside}</svg><span>{name}</span></div>"""
        );

    private static string Ratio(Slice<byte> slice) =>
        FormattableString.Invariant(
            $"{slice.Width * slice.PixelWidth:0.##}/{slice.Height * slice.PixelHeight:0.##}"
        );

    private static Markup Embedded(Slice<byte> gray, string id) =>
        Markup.Of(
            $"""<image id="{id}" width="{gray.Width}" height="{gray.Height}" preserveAspectRatio="none" href="data:image/png;base64,{Convert.ToBase64String(Png.Encode(gray))}"/>"""
        );

    private static Markup Overlay(string id, Markup labels) =>
        Markup.Of($"""<use href="#{id}"/>{labels}""");

    private Markup Outlines(Slice<byte> labels, string style) =>
        Markup.Each(
            Enumerable.Range(1, content.Labels.Count - 1),
            label => Outlined(labels, label, style)
        );

    private static Markup Outlined(Slice<byte> labels, int label, string style) =>
        Outline.Path(labels, label) is { Length: > 0 } path
            ? Markup.Of($"""<path class="{style} label-{label}" d="{path}"/>""")
            : Markup.None;

    // What the truth has and the prediction lacks, striped; what the prediction has and the truth lacks, plain.
    private Markup Difference(Slice<byte> truth, Slice<byte> found)
    {
        var missed = Without(truth, found);
        return Markup.Of(
            $"""{Outlines(Without(found, truth), "added")}{Outlines(missed, "missed")}{Outlines(missed, "striped")}"""
        );
    }

    private static Slice<byte> Without(Slice<byte> labels, Slice<byte> other) =>
        labels with
        {
            Pixels =
            [
                .. labels.Pixels.Zip(other.Pixels, (here, there) => here == there ? (byte)0 : here),
            ],
        };
}

using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Rendering;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Viewer;

namespace KneeSeg.Reports.Page;

/// <summary>
/// Slices of cases from worst to best: image, reference, prediction and difference. Each slice's image is embedded once
/// and labels are vector outlines over it, so that the page stays small and contours stay sharp.
/// </summary>
internal sealed class GallerySection(
    RunContent content,
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
            <h2>Images</h2>
            <p>{Which(
                cases.Count
            )} Sagittal slices show anterior on the left, coronal slices the patient's right on the left. The last column shows missed voxels striped and extra voxels filled.</p>
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

    // SVG patterns cannot take the color of a class, so dark stripes are laid over it.
    private static Markup Stripes =>
        Markup.Of(
            $"""<svg class="defs" aria-hidden="true"><defs><pattern id="stripes" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 .75H3" stroke="#000" stroke-opacity=".7" stroke-width="1.3"/></pattern></defs></svg>"""
        );

    private string Which(int shown) =>
        shown == content.Pictures.Count
            ? $"{NumberText.Of(shown, "case")}, worst first."
            : $"The {NumberText.Of(Worst, "worst case")}, the median case and the best case of {content.Pictures.Count}.";

    /// <summary>The worst few, the median and the best case; all if there are few.</summary>
    public static IReadOnlyList<CasePicture> Shown(RunContent content)
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

    /// <summary>The cases with an animation and a rendering: the worst, the median and the best, or the median alone.</summary>
    public static IReadOnlyList<CasePicture> Whole(RunContent content)
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

    // Animations are embedded until the page becomes too large to share.
    private Markup Views(CaseViews view)
    {
        var fits = (embedded += view.Slices.Length) <= MostEmbedded;
        return Markup.Of(
            $"""
            <div class="charts whole">
            <figure><figcaption>all sagittal slices with labels</figcaption>{(
                fits
                    ? PageFrame.Picture("image, reference and prediction, slice by slice", "gif", view.Slices)
                    : Markup.Of(
                        $"""<a href="{Uri.EscapeDataString(view.SlicesFile)}">{view.SlicesFile}</a>"""
                    )
            )}</figure>
            <figure><figcaption>3D rendering</figcaption>{PageFrame.Picture(
                "3D rendering of reference and prediction",
                "png",
                view.Voxels
            )}</figure>
            </div>
            {(
                view.Packed is { } packed ? ViewerProgram.Case(packed, isOpen: false) : Markup.None
            )}
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
        var reference = Slice<byte>.Cut(volumes.Reference, plane, index);
        var found = Slice<byte>.Cut(volumes.Prediction, plane, index);
        var frame = CropBox.Around(Margin, reference, found);
        var gray = window.Apply(Slice<float>.Cut(volumes.Image, plane, index).Crop(frame));
        var compared = Slice<byte>.Cut(volumes.Compared, plane, index).Crop(frame);
        (reference, found) = (reference.Crop(frame), found.Crop(frame));
        var id = $"slice-{++slices}";
        return Markup.Of(
            $"""
            <figure class="slices">
            <figcaption>{plane.ToString().ToLowerInvariant()} slice {index
                + 1}, {choice.Why}</figcaption>
            <div class="panels">
            {Panel("image", gray, Embedded(gray, id))}
            {Panel("reference", gray, Overlay(id, Outlines(reference, "outline")))}
            {Panel("prediction", gray, Overlay(id, Outlines(found, "outline")))}
            {Panel("difference", gray, Overlay(id, Difference(reference, compared)))}
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

    // Missed voxels striped, extra voxels filled.
    private Markup Difference(Slice<byte> reference, Slice<byte> found)
    {
        var missed = Without(reference, found);
        return Markup.Of(
            $"""{Outlines(Without(found, reference), "added")}{Outlines(missed, "missed")}{Outlines(missed, "striped")}"""
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

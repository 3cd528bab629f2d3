using KneeSeg.Reports.Content;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The page: sections by importance.</summary>
internal static class HtmlPage
{
    /// <summary>The page.</summary>
    /// <param name="content">What the report shows.</param>
    /// <param name="views">Animations and renderings of cases, by id.</param>
    public static Markup Draw(RunContent content, IReadOnlyDictionary<string, CaseViews> views) =>
        PageFrame.Draw(
            content.Title,
            content.Labels.Count,
            Markup.Of(
                $"""
                {HeadlineSection.Draw(content)}
                {(
                    content.Evaluation is { } evaluation
                        ? LabelSection.Draw(evaluation)
                        : Markup.None
                )}
                {(
                    content.Evaluation is { } sheets
                        ? ThicknessSection.Draw(sheets)
                        : Markup.None
                )}
                {(content.Evaluation?.Maps is { } maps ? MapSection.Draw(maps) : Markup.None)}
                {(
                    content.Evaluation is { } counted
                        ? ConfusionSection.Draw(counted, content.Labels)
                        : Markup.None
                )}
                {CurveSection.Draw(content)}
                {FlagSection.Draw(content.Flagged)}
                {(content.Evaluation is { } measured ? CaseSection.Draw(measured) : Markup.None)}
                {new GallerySection(content, views).Draw()}
                {NetworkSection.Draw(content.Network)}
                {RunSection.Draw(content.Run)}
                {Conventions}
                {content.Viewer?.Scripts ?? Markup.None}
                """
            )
        );

    private static Markup Conventions =>
        Markup.Of(
            $"""
            <section id="conventions">
            <h2>Metrics</h2>
            <p>Dice = 2|G∩P| / (|G|+|P|) of the reference voxels G and the predicted voxels P, on the image's own grid. A border voxel shares a face with a voxel outside its structure; distances are exact Euclidean distances in mm between the centers of border voxels. ASSD is the mean of the distances from both borders to each other, pooled. HD95 is the larger of the two directed 95th percentiles, HD the largest distance; NSD (surface Dice) is the share of border voxels of both within a tolerance of the other border. Cartilage thickness is measured along the normal of the bone interface and averaged by area over the covered interface, which is estimated without bone labels. 95 % confidence intervals are bootstrap percentiles over cases. The volume difference is (|P|−|G|) / |G|. A structure that is absent from both is not evaluated; if it is absent from one, Dice is 0, distances are undefined, and it counts as missed or spurious; if both have it without overlap, Dice is 0 and it counts as misplaced. Means are over the cases with a value; the mean Dice is the mean of the structures' means. These conventions are those of MONAI for single structures; other tools, such as DeepMind's surface-distance, give other values for the same masks.</p>
            </section>
            """
        );
}

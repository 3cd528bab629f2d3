namespace KneeSeg.Reports;

/// <summary>The whole page: sections in the order in which they matter.</summary>
internal static class ReportPage
{
    /// <summary>The page.</summary>
    /// <param name="content">What it says.</param>
    /// <param name="views">Of cases, by id.</param>
    public static Markup Draw(
        ReportContent content,
        IReadOnlyDictionary<string, CaseViews> views
    ) =>
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
                {(
                    content.Evaluation is { } counted
                        ? ConfusionSection.Draw(counted, content.Labels)
                        : Markup.None
                )}
                {CurveSection.Draw(content)}
                {(content.Evaluation is { } measured ? CaseSection.Draw(measured) : Markup.None)}
                {new GallerySection(content, views).Draw()}
                {NetworkSection.Draw(content.Network)}
                {RunSection.Draw(content.Run)}
                {Conventions}
                """
            )
        );

    private static Markup Conventions =>
        Markup.Of(
            $"""
            <section id="conventions">
            <h2>How it was measured</h2>
            <p>Dice = 2|G∩P| / (|G|+|P|) of the voxels G of the reference and P of the prediction, on the image's own grid. A border voxel is one with a neighbor across a face outside its structure; distances are exact Euclidean ones in mm between centers of border voxels. ASSD is the mean of the distances of both borders to each other, pooled. HD95 is the larger of the two directed 95th percentiles, HD the largest distance of all; NSD is the share of border voxels of both within a tolerance of the other border. The thickness of a cartilage is its mean along the normal of the bone interface, by area, over all that is covered; the interface is inferred without a label for bone. Intervals are by bootstrap over cases (percentiles of 95 %). The volume difference is (|P|−|G|) / |G|. Where a structure is absent from both, nothing is measured; where it is absent from one, Dice is 0, distances do not exist, and it is counted as missed or invented; where both have it without a voxel in common, Dice is 0 and it is counted as misplaced. Means are over the cases that have a value; the mean Dice is the mean of the structures' means. These are MONAI's conventions for single structures; others, such as DeepMind's surface-distance, give other numbers for the same masks.</p>
            </section>
            """
        );
}

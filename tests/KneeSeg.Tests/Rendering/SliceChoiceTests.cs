using KneeSeg.Imaging;
using KneeSeg.Rendering;
using KneeSeg.Tests.Reports;

namespace KneeSeg.Tests.Rendering;

public sealed class SliceChoiceTests
{
    private static readonly Size3 Size = new(8, 6, 10);

    [Fact]
    public void The_worst_slice_is_shown_and_the_fullest_of_the_other_compartment()
    {
        // Tissue in slices 2 and 3 on one side, 6 and 7 on the other; 7 is the fuller one there.
        var truth = Volume((x, y, z) => z is 2 or 3 && x < 4 || z == 6 && x < 2 || z == 7 && x < 5);
        var found = Volume((x, y, z) => z is 2 && x < 4 || z == 6 && x < 2 || z == 7 && x < 5);

        var choices = SliceChoice.Of(truth, found);

        Assert.Equal(
            [(Plane.Sagittal, 3), (Plane.Sagittal, 7), (Plane.Coronal, 0)],
            choices.Select(choice => (choice.Plane, choice.Index))
        );
    }

    [Fact]
    public void The_coronal_slice_cuts_as_many_tissues_as_can_be()
    {
        var labels = Samples.Volume(
            Size,
            (x, y, z) =>
                (byte)(
                    x == 1 ? 1
                    : x == 6 && z > 6 ? z - 6
                    : 0
                )
        );

        Assert.Equal(6, SliceChoice.Of(labels, labels)[^1].Index);
    }

    [Fact]
    public void A_perfect_prediction_is_shown_where_tissue_is()
    {
        var truth = Volume((x, y, z) => z == 4);

        Assert.Equal(4, SliceChoice.Of(truth, truth)[0].Index);
    }

    [Fact]
    public void An_empty_case_has_slices_too() =>
        Assert.Equal(
            2,
            SliceChoice.Of(Volume((_, _, _) => false), Volume((_, _, _) => false)).Count
        );

    private static Volume<byte> Volume(Func<int, int, int, bool> isTissue) =>
        Samples.Volume(Size, (x, y, z) => isTissue(x, y, z) ? (byte)1 : (byte)0);
}

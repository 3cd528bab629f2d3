using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Experiments;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>Which rules are selected on predictions that are known.</summary>
public sealed class PostprocessingSearchTests : IDisposable
{
    private const byte MedialTibial = 2;
    private const byte LateralTibial = 3;

    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_anatomical_rule_is_selected_where_it_helps(bool swaps)
    {
        var dataset = PhantomSet.Write(Path.Combine(folder, "knees"), 2, new(28, 32, 32));
        DatasetCase[] cases = [.. dataset.Cases];
        foreach (var one in cases)
        {
            var labels = one.ReadLabels(dataset.Profile);
            // Every second slice of the lateral plate is taken for medial; the references for the rest.
            for (var voxel = 0; swaps && voxel < labels.Voxels.Length; voxel++)
                if (labels.Voxels[voxel] == LateralTibial && voxel / (32 * 32) % 2 == 0)
                    labels.Voxels[voxel] = MedialTibial;
            VolumeFile.Write(Path.Combine(folder, $"{one.Id}.nii.gz"), labels);
        }

        var selected = new PostprocessingSearch.Comparison(
            cases,
            folder,
            dataset.Profile,
            dataset.Profile,
            SilentProgress.Instance
        ).Select();

        Assert.Equal(swaps, selected.Rules.Anatomy);
        Assert.Equal(swaps, selected.Anatomy.IsSelected);
        Assert.Equal(1, selected.Anatomy.After!.Value, 6);
        Assert.Equal(swaps, selected.Anatomy.Before < 0.95);
        // Label rules are compared after it, and have nothing left to do.
        Assert.Equal([], selected.Rules.Rules);
    }
}

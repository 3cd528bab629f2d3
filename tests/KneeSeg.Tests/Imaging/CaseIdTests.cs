using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

/// <summary>One case has one name, whatever its files are called.</summary>
public sealed class CaseIdTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("scans/knee-0001.nii.gz", "knee-0001")]
    [InlineData("knee.v1.NII", "knee.v1")]
    [InlineData("train_001_V00.seg", "train_001_V00")]
    [InlineData("imagesTs/knee_007_0000.nii.gz", "knee_007")]
    [InlineData("knee_007_0000.MHA", "knee_007")]
    [InlineData("knee_007_0001.nii.gz", "knee_007_0001")]
    [InlineData("_0000.nii", "_0000")]
    [InlineData("1.2.840.113619.2.nii.gz", "1.2.840.113619.2")]
    [InlineData("slices/IM0001.dcm", "IM0001")]
    [InlineData("slices/1.2.840.113619.2", "1.2.840.113619.2")]
    [InlineData("knee #2.nii", "knee #2")]
    public void A_file_is_known_by_its_name_without_ending_and_channel(string path, string id) =>
        Assert.Equal(id, CaseId.Of(path));

    [Theory]
    [InlineData("1.2.840.113619.2", "1.2.840.113619.2")]
    [InlineData("1.2.840.113619.2/", "1.2.840.113619.2")]
    [InlineData("knee.img", "knee.img")]
    [InlineData("knee.img/../knee.img/.", "knee.img")]
    [InlineData("scan_0000#echo=2", "scan-echo-2")]
    [InlineData("scan_0000#series=1.2.840.3,echo=2", "scan-series-1.2.840.3-echo-2")]
    [InlineData("scan_0000/#echo=2", "scan-echo-2")]
    public void A_folder_is_known_by_its_whole_name(string path, string id)
    {
        foreach (var name in new[] { "1.2.840.113619.2", "knee.img", "scan_0000" })
            Directory.CreateDirectory(folder[name]);
        Assert.Equal(id, CaseId.Of(folder[path]));
    }
}

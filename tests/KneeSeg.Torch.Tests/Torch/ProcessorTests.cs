using KneeSeg.Torch.Native;
using Xunit;

namespace KneeSeg.Torch.Tests;

public sealed class ProcessorTests
{
    // Intel's units for AVX-512 BF16 do as many multiplications as those for float32: 0.98 s a step of unet3d+tiny against 0.69.
    [Theory]
    [InlineData("GenuineIntel", "avx512f avx512_bf16", false)]
    [InlineData("GenuineIntel", "avx512f avx512_bf16 amx_bf16 amx_tile", true)]
    [InlineData("AuthenticAMD", "avx512f avx512_bf16", true)]
    [InlineData("AuthenticAMD", "avx2", false)]
    public void Bfloat16_is_chosen_where_it_is_multiplied_faster(
        string vendor,
        string flags,
        bool expected
    ) =>
        Assert.Equal(
            expected,
            Processor.MultipliesBfloat16([
                "processor\t: 0",
                $"vendor_id\t: {vendor}",
                $"flags\t\t: fpu {flags}",
                "bugs\t\t:",
            ])
        );

    [Fact]
    public void Nothing_is_known_of_a_system_without_cpuinfo() =>
        Assert.False(Processor.MultipliesBfloat16([]));
}

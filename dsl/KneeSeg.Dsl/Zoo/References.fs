namespace KneeSeg.Dsl

/// What another implementation of a network counts.
type ReferenceCount = {
    Spec: string
    Channels: int
    Classes: int
    /// The input's size, depth first, for the multiply-accumulates.
    Size: int[]
    Parameters: int64
    Macs: int64
}

/// What another implementation of a network outputs, filled as `verify` fills: one channel, at `Probe`'s default size.
type ReferenceOutput = {
    Spec: string
    Classes: int
    /// The factor of all weights.
    Gain: float
    /// Of probabilities, not logits.
    Probabilities: bool
    /// Mean, deviation, minimum and maximum of the output; its first channel's first, center and last voxel.
    Numbers: float[]
}

namespace KneeSeg.Dsl.Zoo

open System
open System.Globalization
open KneeSeg.Dsl

/// What other implementations of the networks count and output. Counts are of the authors' own or widely used code, or
/// were worked out twice; outputs were computed in float64 by other implementations, filled by the formula that `probe`
/// fills with.
module References =
    let private count spec (channels, classes) size parameters macs = {
        Spec = spec
        Channels = channels
        Classes = classes
        Size = size
        Parameters = parameters
        Macs = macs
    }

    /// Parameters and multiply-accumulates.
    let counts = [
        count "segnet" (3, 1) [| 288; 288 |] 29_443_585L 50_642_288_640L
        count "segnet" (3, 2) [| 288; 288 |] 29_444_162L 50_690_064_384L
        count "segnet" (3, 7) [| 288; 288 |] 29_447_047L 50_928_943_104L
        count "segnet" (3, 12) [| 288; 288 |] 29_449_932L 51_167_821_824L
        count "segnet" (3, 21) [| 288; 288 |] 29_455_125L 51_597_803_520L
        count "segnet" (1, 7) [| 288; 288 |] 29_445_895L 50_833_391_616L
        count "unet" (3, 1) [| 288; 288 |] 34_527_041L 82_705_121_280L
        count "unet" (1, 7) [| 288; 288 |] 34_526_279L 82_641_420_288L
        count "attention-unet" (3, 1) [| 288; 288 |] 34_878_573L 84_069_052_416L
        count "attention-unet" (1, 7) [| 288; 288 |] 34_877_811L 84_005_351_424L
        count "r2-unet" (3, 1) [| 288; 288 |] 39_091_393L 192_992_772_096L
        count "r2-unet" (1, 7) [| 288; 288 |] 39_091_655L 193_014_005_760L
        count "r2-attention-unet" (3, 1) [| 288; 288 |] 39_442_925L 194_356_703_232L
        count "r2-attention-unet" (1, 7) [| 288; 288 |] 39_443_187L 194_377_936_896L
        count "multires-unet" (3, 1) [| 288; 288 |] 7_238_228L 19_837_600_488L
        count "multires-unet" (1, 7) [| 288; 288 |] 7_238_294L 19_842_577_128L
        count "unet-plus-plus" (3, 1) [| 288; 288 |] 9_163_329L 43_645_796_352L
        count "unet-plus-plus" (1, 7) [| 288; 288 |] 9_162_951L 43_613_945_856L
        count "tiramisu" (3, 12) [| 288; 288 |] 9_322_348L 33_202_420_992L
        count "tiramisu" (3, 11) [| 288; 288 |] 9_322_091L 33_181_187_328L
        count "tiramisu" (1, 7) [| 288; 288 |] 9_320_199L 33_024_589_056L
        count "deeplab-v3-plus-r50" (3, 21) [| 288; 288 |] 40_352_181L 21_903_048_704L
        count "deeplab-v3-plus" (3, 21) [| 288; 288 |] 59_344_309L 28_039_577_600L
        count "deeplab-v3-plus-r50" (1, 7) [| 288; 288 |] 40_342_311L 21_754_413_056L
        count "deeplab-v3-plus" (1, 7) [| 288; 288 |] 59_334_439L 27_890_941_952L
        count "unet-scse" (1, 7) [| 288; 288 |] 35_227_407L 82_662_023_168L
        count "unet-cbam" (1, 7) [| 288; 288 |] 34_616_159L 82_663_185_728L
        count "resunet-plus-plus" (3, 1) [| 288; 288 |] 4_062_993L 19_830_925_888L
        count "unet3-plus" (1, 7) [| 288; 288 |] 26_987_911L 251_491_516_416L
        count "unet3-plus-deep" (1, 7) [| 288; 288 |] 27_112_931L 252_061_092_864L
        count "unet3-plus-guided" (1, 7) [| 288; 288 |] 27_114_981L 252_061_756_416L
        count "unet-resnet34" (1, 7) [| 288; 288 |] 24_430_967L 9_831_186_432L
        count "unet-resnet34-scse" (1, 7) [| 288; 288 |] 24_544_763L 9_838_263_456L
        count "unet-resnet50" (1, 7) [| 288; 288 |] 32_515_703L 13_398_441_984L
        count "hrnet-w18" (3, 7) [| 288; 288 |] 9_637_867L 5_813_030_448L
        count "unet3d" (3, 3) [| 64; 64; 64 |] 19_075_523L 244_704_083_968L
        count "unet3d" (1, 1) [| 64; 64; 64 |] 19_073_665L 244_217_544_704L
        count "unet3d" (1, 7) [| 64; 64; 64 |] 19_074_055L 244_318_208_000L
        count "unet3d+no-skips" (1, 1) [| 64; 64; 64 |] 16_751_233L 193_483_243_520L
        count "unet3d+relative" (1, 1) [| 64; 64; 64 |] 19_073_802L 244_217_544_820L
        count "unet3d+slice" (1, 1) [| 5; 160; 160 |] 17_697_409L 215_207_936_000L
        count "vnet" (1, 1) [| 64; 64; 64 |] 45_593_892L 90_391_707_648L
        count "vnet" (1, 2) [| 64; 64; 64 |] 45_597_898L 91_441_070_080L
        count "vnet" (1, 7) [| 64; 64; 64 |] 45_617_958L 96_695_746_560L
        count "vnet+relative" (1, 1) [| 64; 64; 64 |] 45_594_029L 90_391_707_764L
        count "segresnet" (1, 7) [| 64; 64; 64 |] 18_796_167L 72_427_241_472L
        count "monai-basic-unet" (1, 7) [| 64; 64; 64 |] 5_749_575L 37_419_483_136L
        count "nnunet" (1, 7) [| 64; 64; 64 |] 31_199_619L 59_715_301_376L
        count "resenc-unet" (1, 7) [| 64; 64; 64 |] 102_353_795L 89_736_753_152L
        count "dynunet" (1, 7) [| 64; 64; 64 |] 31_189_575L 59_695_890_432L
        count "dynunet-res" (1, 7) [| 64; 64; 64 |] 31_419_175L 59_827_781_632L
        count "transunet" (1, 7) [| 224; 224 |] 105_276_791L 29_211_279_360L
        count "unetr" (1, 7) [| 96; 96; 96 |] 92_783_927L 73_125_199_872L
        count "swin-unetr" (1, 7) [| 96; 96; 96 |] 62_186_953L 317_198_495_040L
        count "tiny-unet3d" (1, 1) [| 64; 64; 64 |] 362L 52_232_192L
        count "small-unet3d" (1, 1) [| 160; 160; 160 |] 1_428L 1_056_256_000L
        count "small-unet3d+slice" (1, 1) [| 5; 160; 160 |] 1_388L 43_648_000L
        count "large-unet3d" (1, 1) [| 160; 240; 240 |] 15_228L 4_571_712_000L
        count "large-relative-unet3d" (1, 1) [| 160; 240; 240 |] 34_307L 6_439_968_116L
        count "tiny-vnet" (1, 1) [| 64; 64; 64 |] 390L 53_116_928L
        count "small-vnet" (1, 1) [| 160; 160; 160 |] 1_403L 1_066_624_000L
        count "small-vnet+slice" (1, 1) [| 5; 160; 160 |] 1_363L 44_080_000L
        count "large-vnet" (1, 1) [| 160; 240; 240 |] 13_985L 4_583_790_000L
        count "large-relative-vnet" (1, 1) [| 160; 240; 240 |] 30_936L 6_447_258_116L
        count "small-unet3d+no-skips" (1, 1) [| 160; 160; 160 |] 1_293L 890_368_000L
        count "tiny-vnet" (1, 1) [| 160; 160; 160 |] 390L 829_952_000L
        count "small-vnet" (1, 1) [| 160; 240; 240 |] 1_403L 2_399_904_000L
        count "mednext-s" (1, 7) [| 64; 64; 64 |] 5_551_079L 15_671_513_088L
        count "mednext-s-k5" (1, 7) [| 64; 64; 64 |] 5_980_711L 20_454_690_816L
        count "mednext-l" (1, 7) [| 64; 64; 64 |] 61_779_431L 61_082_531_840L
        count "mednext-l-k5" (1, 7) [| 64; 64; 64 |] 62_993_063L 69_121_931_264L
        count "highres3dnet" (1, 7) [| 64; 64; 64 |] 809_358L 211_787_186_176L
        count "monai-unet" (1, 7) [| 64; 64; 64 |] 4_814_472L 1_976_827_904L
        count "unet-efficientnet-b0" (1, 7) [| 288; 288 |] 5_839_603L 3_803_047_136L
        count "dynunet-anisotropic" (1, 7) [| 64; 64; 64 |] 30_963_719L 89_466_339_328L
    ]

    /// For fixed weights and input: the statistics of the output, and the first, center and last voxel of its first channel.
    /// The knee tables' networks end in a sigmoid there.
    let private outputTable =
        """
network                classes  gain  outputs                mean      deviation         minimum       maximum         first         center          last
segnet                       7   1.0  logits         0.0369103439  0.00395591483    0.0131410138  0.0454753472  0.0144198175   0.0395835119  0.0144197439
unet                         7   1.0  logits           0.35812863    0.277911106    0.0357585757   0.956595431  0.0674958569     0.14302113  0.0635328144
r2-unet                      7   0.5  logits          0.106126232    0.113334429   -0.0327439725   0.309650061  0.0396018009  -0.0287607647  0.0371914582
multires-unet                7   1.0  logits            47.407665      35.077187       2.3230343    129.982197    12.1930946     22.8669107    11.7559202
unet3d                       1   1.0  logits          0.324201454    0.251654413    0.0373614504    1.06111688  0.0519806179    0.332470366  0.0438111519
unet3d+no-skips              1   1.0  logits          0.292446808    0.150172097    0.0381342605   0.669326129  0.0416529564    0.586136915  0.0394693891
unet3d+relative              1   1.0  logits          0.336779175    0.254473212    0.0374051755     1.0816075  0.0522313787    0.356136177  0.0439143518
tiny-unet3d                  1   0.5  probabilities   0.524162615   0.0108478073     0.503295199   0.551750183   0.504713482    0.519556435   0.504043126
small-unet3d                 1   0.5  probabilities   0.523273699  0.00961602868     0.503294993   0.547187509   0.504566093     0.51952828    0.50403253
large-unet3d                 1   0.5  probabilities   0.523003348  0.00944444952     0.503294963   0.548204418   0.504456077    0.519679885   0.503759696
large-relative-unet3d        1   0.5  probabilities   0.524000114  0.00694292792     0.503532688   0.540714105   0.504392261    0.524126066   0.503922159
tiny-vnet                    1   0.5  probabilities   0.569968587   0.0904916547     0.501979156   0.791690266   0.528313215    0.507626845   0.510155884
small-vnet                   1   0.5  probabilities    0.55770906   0.0590774647     0.504894261   0.731655313   0.530077415     0.52012947   0.508960701
large-relative-vnet          1   0.5  probabilities   0.549845701   0.0129593723      0.50718731   0.576072211   0.511938609      0.5544329   0.507381769
attention-unet               7   1.0  logits          0.287943836    0.227331335    0.0348891544   0.807239804  0.0552545274    0.121388948  0.0529114048
r2-attention-unet            7   0.5  logits         0.0809613473   0.0643860018  -0.00166841067    0.20339835  0.0345449988  0.00470811386  0.0333104662
unet-plus-plus               7   1.0  logits          0.377487134    0.272896235    0.0373643201   0.974297574  0.0770563423    0.158593729  0.0736430932
tiramisu                     7   1.0  logits          0.796359797    0.717179283    -0.141357996    3.11993806  0.0836342283     0.43095805   0.151398507
deeplab-v3-plus              7   1.0  logits           17571664.0     4519706.98      4044778.85    23720669.6    5503850.73     22771748.4    5497041.37
deeplab-v3-plus-r50          7   1.0  logits           1215.50821      312.61375      270.017024    1634.70372    393.578166     1563.32997    392.150615
vnet                         1   1.0  logits           4.61167107     6.75490118    -0.744671153    24.7298018    1.31368168     1.78526313   0.217903195
vnet+relative                1   1.0  logits           4.63731664     6.76913159    -0.743263803    24.7840427    1.31767288     1.84581256   0.220560302
large-vnet                   1   0.5  probabilities   0.552977336   0.0390530381     0.505400627   0.656525812   0.514730778    0.529087267   0.508659182
small-unet3d+no-skips        1   0.5  probabilities   0.520170353  0.00419265007     0.503461432   0.523281821   0.504161091    0.522944977   0.503757766
small-relative-unet3d        1   0.5  probabilities   0.523224654  0.00960628111     0.503293951   0.547120392   0.504563022    0.519460577    0.50403148
small-relative-vnet          1   0.5  probabilities    0.55758757   0.0589756745     0.504894026   0.731357898   0.530049541    0.520099078   0.508953481
nnunet                       7   1.0  logits          0.341909963    0.861362495  -0.00459806524    5.52380302 -0.0044779969     1.20086587 -0.00447251361
resenc-unet                  7   1.0  logits          0.405829025    0.780562259  -0.00612525014    3.03219749 -0.00602474557   0.733420889 -0.00547764813
segresnet                    7   1.0  logits          0.413612317    0.733110774             0.0    3.43775728           0.0   0.0403771454           0.0
unet-cbam                    7   1.0  logits         0.0566146975   0.0425341785    0.0122808707   0.158516841   0.0149963009   0.0197008058   0.0146124062
unet-resnet34                7   1.0  logits           53.6399985     29.0724799     0.345042802   109.349433     1.01734619    100.336532     1.1976206
unet3-plus                   7   1.0  logits          0.330850583    0.158057831    0.0237403107   0.675840876    0.0553445408   0.262619894    0.0545393911
dynunet                      7   1.0  logits          0.341876578    0.861395028   -0.0045974778    5.52514929 -0.00447728434    1.19478288 -0.00447180115
mednext-s                    7   1.0  logits           1.71224435      5.34101112     -9.17320298    64.9843468  -0.0946221391      0.52687719   -5.67416489
mednext-s-k5                 7   1.0  logits           1.71943071      5.76604268     -8.93329566    78.1635593  -0.0427154776    -0.895813708    -4.9113832
unet-efficientnet-b0         7   1.0  logits          0.104887684    0.0814176109     0.014827105   0.302439172   0.0213949291     0.044634527   0.018652562
highres3dnet                 7   1.0  logits           47.2280687     49.9902684     0.222410015    258.166521     20.3330382      63.197124    0.671901216
monai-unet                   7   1.0  logits           221.140553     216.187617     -0.12862579    1435.25642       27.77163     239.643978    0.675250348
monai-basic-unet             7   1.0  logits          0.315606235     0.87022013    -0.047084538    4.82834147   -0.041088842  -0.0461528721  -0.0411043498
dynunet-res                  7   1.0  logits          0.384779201    0.813133304  -0.00545822613     3.8913975 -0.00531513118    0.627981888 -0.00520323163
unet-scse                    7   1.0  logits           1.34139012     1.09430103    0.0427056913    4.16076594    0.116400745    0.745568836    0.109561892
resunet-plus-plus            7   1.0  logits           40324.7074      59623.585     0.445509458    355873.011     22080.4452      28519.304     10940.5442
unet-resnet34-scse           7   1.0  logits           26480.8105     14520.3267      168.537464    54600.1163     472.597123     50118.2237     561.101602
unet-resnet50                7   1.0  logits           60.5416351      32.402864     0.385670831    121.709832     1.21717927     111.741359     1.40234954
hrnet-w18                    7   1.0  logits         2.37334026e+12 6.95777579e+11  7.03007139e+11 3.41678569e+12 7.20629651e+11 2.96901094e+12 2.69351445e+12
unetr                        7   1.0  logits           0.725434571       1.64585461    -0.0114184001       9.30743438    -0.0109529629    -0.0110409817   -0.00935186128
swin-unetr                   7   1.0  logits           0.681961829       1.65247299    -0.0116956546       12.6051128    -0.0114397358       7.81552967   -0.00710439407
transunet                    7   1.0  logits           0.583741064      0.216432538     0.0296683302       1.11497539     0.0471452991      0.679117868     0.0297251677
"""

    /// Outputs for fixed weights and input.
    let outputs = [
        for row in outputTable.Trim().Split('\n') |> Array.tail do
            let cells = row.Split(' ', StringSplitOptions.RemoveEmptyEntries)

            let number (cell: string) =
                Double.Parse(cell, CultureInfo.InvariantCulture)

            {
                Spec = cells[0]
                Classes = int cells[1]
                Gain = number cells[2]
                Probabilities = cells[3] = "probabilities"
                Numbers = Array.map number cells[4..]
            }
    ]

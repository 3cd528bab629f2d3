// A session that stands by warms up F#'s compiler, then waits until its script is wanted.
do
    let level width = {
        Encode = conv 3 width
        Down = maxPool 2
        Skip = concat
        Up = deconv 2 width
        Decode = conv 3 width
    }

    ignore (Json.text (network3d "warm" [ encoderDecoder (List.map level [ 8; 16 ]) (conv 3 8); classify ]))

    while System.IO.Directory.Exists(System.Environment.GetEnvironmentVariable "KNEESEG_HOLD") do
        System.Threading.Thread.Sleep 10

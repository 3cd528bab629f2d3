// Three tasks in one network, whose targets all come from the labels: the structures, the distance to their border, and
// whether there are any. The second sharpens thin cartilage's outline, the third ends predictions in slices beyond the joint.
//
//     kneeseg train examples/multi-task.fsx --data knees --run runs/multi-task --set "outputs=edge=0.2, present=ce*0.05"
//     kneeseg predict runs/multi-task knees --out labels --output edge --output present

let twice width =
    repeat 2 (chain [ conv 3 width; batchNorm; relu ])

let level width = {
    Encode = twice width
    Down = maxPool 2
    Skip = concat
    Up = deconv 2 width
    Decode = twice width
}

// At full resolution, beside the labels: a distance in mm for everything labeled.
let edge = output "edge" (conv 1 1) |> against SignedDistance

// At the bottleneck, which sees most: one logit for the whole patch.
let present =
    output "present" (chain [ globalAvgPool; dense 16; relu; dense 1 ])
    |> against Presence

// The bottleneck's own segmentation, at an eighth of the resolution.
let coarse = output "coarse" classify

network3d "multi-task" [
    encoderDecoder (List.map level [ 12; 24; 48 ]) (chain [ twice 96; present; coarse ])
    edge
    classify
]

/// Specs as text: what is written is read back, and what cannot be read says where and why.
module KneeSeg.Dsl.Tests.JsonTests

open System
open Expecto
open KneeSeg.Dsl
open KneeSeg.Dsl.Spec
open KneeSeg.Dsl.Words
open KneeSeg.Dsl.Tests.Gallery

let private unet = Zoo.UNet.unet
let private text = Json.text unet

let private error text =
    match Json.read text with
    | Ok _ -> failtest "it was read"
    | Error [ error ] -> string error
    | Error errors -> failtest $"{errors.Length} errors"

let private change (old: string) (fresh: string) =
    let i = text.IndexOf(old, StringComparison.Ordinal)
    text.Substring(0, i) + fresh + text.Substring(i + old.Length)

[<Tests>]
let tests =
    testList "json" [
        testPropertyWithConfig Laws.config "any spec is read back as it was written"
        <| fun (Laws.Wild network) -> Json.read (Json.text network) = Ok network

        testPropertyWithConfig Laws.config "the hash ignores names and variants, and nothing else"
        <| fun (Laws.Known network) ->
            let hashFor classes network =
                (Elaborate.elaborate 1 classes network
                 |> Result.defaultWith (fun _ -> failwith "known"))
                    .Hash

            let hash = hashFor 7

            hash network = hash { network with Name = "other"; Variants = [ "x" ] }
            && hash network <> hashFor 2 network
            && hash network <> hash { network with Body = chain [ relu; network.Body ] }

        test "a convolution says that it is standardized only where it is" {
            Expect.isFalse (text.Contains "standardized") "as stored networks have it"

            let first =
                function
                | Ok network -> Json.text network
                | Error errors -> failtest (string errors)

            let stored = change "\"bias\":true" "\"bias\":true,\"standardized\":true"
            Expect.equal (first (Json.read stored)) stored "and is read back"
        }

        testList "errors name their path" [
            for old, fresh, message in
                [
                    "\"format\":2",
                    "\"format\":1",
                    "spec.format: this spec has format 1, and this version reads format 2. Write it again from its name or script."
                    "\"spatialDims\":2",
                    "\"spatialDims\":4",
                    "spec.spatialDims: 4 spatial dimensions. Write 2 or 3."
                    "\"channels\":64",
                    "\"channels\":64.5",
                    "spec.body[0].encoderDecoder.levels[0].encode[0].conv.out.channels: not a whole number. Write a whole number here."
                    "\"relu\"",
                    "\"rellu\"",
                    "spec.body[0].encoderDecoder.levels[0].encode[2].activation: no activation is called 'rellu'. Did you mean relu?"
                    "\"decode\"",
                    "\"decod\"",
                    "spec.body[0].encoderDecoder.levels[0].decod: no field of a level is called 'decod'. Did you mean decode? There are encode, down, skip, up, decode."
                    "\"bias\":true",
                    "\"bias\":1",
                    "spec.body[0].encoderDecoder.levels[0].encode[0].conv.bias: neither true nor false. Write true or false here."
                    "\"kernel\":3,",
                    "",
                    "spec.body[0].encoderDecoder.levels[0].encode[0].conv: a convolution without 'kernel'. Add \"kernel\"."
                    "\"kernel\":3",
                    "\"kernel\":[3,3]",
                    "spec.body[0].encoderDecoder.levels[0].encode[0].conv.kernel: not a size. Write depth, height and width."
                    "[{\"encoderDecoder\"",
                    "[7,{\"encoderDecoder\"",
                    "spec.body[0]: not a block. Write one of conv, deconv, norm, globalResponseNorm, activation, channelDropout, dropout, stochasticDepth, pool, pad, upsampleNearest, upsampleLinear, tileChannels, padChannels, channelGroup, spaceToChannels, channelsToSpace, reduce, adaptiveAvgPool, attention, positionEmbedding, argmaxOverChannels, unpool, branches, denseBlock, recurrent, encoderDecoder, input, recall, tied, shared, stage, output, as { \"name\": ... }."
                    "{\"format\"",
                    "{format",
                    "line 1, column 2: not JSON: 'f' is an invalid start of a property name. Expected a '\"'. Correct the text there."
                ] -> test message { Expect.equal (error (change old fresh)) message "the sentence" }
        ]

        test "a text nested beyond the limit is refused" {
            let deep = String('[', 100_000)

            Expect.stringContains
                (error (change "[{\"encoderDecoder\"" (deep + "{\"encoderDecoder\"")))
                "brackets are nested deeper than 256 blocks need"
                "no overflow"
        }

        test "a text with too many blocks is refused" {
            let many = String.Join(',', Array.create 100_000 "{\"activation\":\"relu\"}")
            let spec = { unet with Body = identity }
            let text = (Json.text spec).Replace("\"body\":[]", $"\"body\":[{many}]")
            Expect.equal (error text) "unet: more than 10000 blocks. Repeat less." "the sentence"
        }

        testList "hostile texts are refused" [
            let spoilt old fresh message =
                test message { Expect.equal (error (change old fresh)) message "the sentence" }

            spoilt
                "\"spatialDims\":2"
                "\"spatialDims\":2,\"spatialDims\":3"
                "spec.spatialDims: stands 2 times in one network. Leave one of them."

            spoilt
                "\"channels\":64"
                "\"channels\":2147483648"
                "spec.body[0].encoderDecoder.levels[0].encode[0].conv.out.channels: too large a number. Write a whole number up to 2147483647."

            spoilt
                "\"name\":\"unet\""
                "\"name\":\"\\ud800\""
                "spec.name: a text with half a character. Write both halves, as \\ud83d\\ude00."

            spoilt
                "\"spatialDims\":2"
                "\"\\ud800\":2"
                "spec.?: no field of a network is called '?'. There are format, name, variants, spatialDims, body."

            spoilt
                "{\"activation\":\"relu\"}"
                "{\"activation\":\"relu\",\"dropout\":0.5}"
                "spec.body[0].encoderDecoder.levels[0].encode[2]: 2 fields in one block. Give each a { } of its own."

            spoilt
                "\"join\":\"concat\""
                "\"join\":5"
                "spec.body[0].encoderDecoder.levels[0].skip.join: not a text. Write a text in quotes here."

            spoilt
                "\"join\":\"concat\""
                "\"join\":\"\\ud800\""
                "spec.body[0].encoderDecoder.levels[0].skip.join: a text with half a character. Write both halves, as \\ud83d\\ude00."

            spoilt
                "1E-05"
                "1e400"
                "spec.body[0].encoderDecoder.levels[0].encode[1].norm.epsilon: too large a number. Write a smaller one."

            spoilt
                "1E-05"
                "NaN"
                "line 1, column 266: not JSON: 'N' is an invalid start of a value. Correct the text there."

            test "an object without a field" {
                match Json.read "{}" with
                | Ok _ -> failtest "it was read"
                | Error errors ->
                    Expect.equal
                        [ for error in errors -> error.What ]
                        [
                            for field in [ "format"; "name"; "variants"; "spatialDims"; "body" ] ->
                                $"a network without '{field}'"
                        ]
                        "what is missing"
            }

            test "an empty text" {
                Expect.equal
                    (error " ")
                    "line 1, column 2: the text is empty. Write a network's JSON, or give another file."
                    "the sentence"
            }

            test "17 million characters" {
                Expect.equal
                    (error (String(' ', 17_000_000) + text))
                    "spec: more than 16000000 characters. A spec has a few thousand: check the file."
                    "the sentence"
            }

            test "a word of a million letters, with one that moves the cursor" {
                let message =
                    error (change "\"relu\"" ("\"\\u001b" + String('x', 1_000_000) + "\""))

                Expect.isLessThan message.Length 300 "a short sentence"
                Expect.all message (Char.IsControl >> not) "no control character"
            }
        ]

        test "all errors come at once, each with its path" {
            let spoilt =
                text
                    .Replace("\"spatialDims\":2,", "\"spatialDims\":\"two\",")
                    .Replace("{\"activation\":\"relu\"}", "{\"activation\":\"rellu\"}")
                    .Replace("\"bias\":true", "\"biass\":true")

            match Json.read spoilt with
            | Ok _ -> failtest "it was read"
            | Error errors ->
                Expect.equal
                    [ for error in List.truncate 4 errors -> error.Where ]
                    [
                        "spec.spatialDims"
                        "spec.body[0].encoderDecoder.levels[0].encode[0].conv.biass"
                        "spec.body[0].encoderDecoder.levels[0].encode[2].activation"
                        "spec.body[0].encoderDecoder.levels[0].encode[3].conv.biass"
                    ]
                    "the paths"

                Expect.equal errors.Length 20 "and no more than someone reads"
        }
    ]

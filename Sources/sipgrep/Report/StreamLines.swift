import SIPKit
import SIPTrace

/// RTP streams, one line each.
enum StreamLines {
    /// `rtp 10.0.0.1:40000 > 10.0.0.2:50000  PCMU  610/612 packets  loss 0.3 %  jitter 4.0 ms (max 8.1)  MOS 4.3`
    static func write(_ streams: [RTPStream], to output: inout OutputBuffer) {
        for stream in streams {
            output.write("rtp \(stream.source) > \(stream.destination)  \(Printable.text(stream.codec.utf8))")
            output.write("  ssrc 0x\(String(stream.ssrc, radix: 16))  \(stream.packets)/\(stream.expected) packets")
            output.write("  loss \(Self.decimal(stream.lossFraction * 100)) %")
            output.write("  jitter \(Self.decimal(stream.meanJitter)) ms (max \(Self.decimal(stream.maximumJitter)))")
            if stream.duplicates > 0 { output.write("  \(stream.duplicates) duplicates") }
            if stream.reordered > 0 { output.write("  \(stream.reordered) reordered") }
            if let quality = stream.quality { output.write("  MOS \(Self.decimal(quality.mos))") }
            if !stream.digits.isEmpty { output.write("  keys \(Printable.text(stream.digits))") }
            output.write("\n")
        }
    }

    static func writeJSON(_ stream: RTPStream, to output: inout OutputBuffer) {
        var json = JSONWriter()
        json.open(&output)
        json.write("v", 1, &output)
        json.write("type", "stream", &output)
        json.write("src", "\(stream.source)", &output)
        json.write("dst", "\(stream.destination)", &output)
        json.write("ssrc", Int(stream.ssrc), &output)
        json.write("codec", stream.codec, &output)
        json.write("payload_type", stream.payloadType, &output)
        json.write("duration", seconds: stream.lastTime - stream.firstTime, &output)
        json.write("packets", stream.packets, &output)
        json.write("expected", stream.expected, &output)
        json.write("lost", stream.lost, &output)
        json.openList("loss_runs", &output)
        for count in stream.lossRuns { json.write(nil, count, &output) }
        json.closeList(&output)
        json.write("duplicates", stream.duplicates, &output)
        json.write("reordered", stream.reordered, &output)
        json.write("jitter_mean", seconds: Int64(stream.meanJitter * 1_000_000), &output)
        json.write("jitter_max", seconds: Int64(stream.maximumJitter * 1_000_000), &output)
        if let quality = stream.quality {
            json.write("mos_x100", Int((quality.mos * 100).rounded()), &output)
            json.write("r_x10", Int((quality.rating * 10).rounded()), &output)
        }
        if !stream.digits.isEmpty { json.write("dtmf", stream.digits.span, &output) }
        json.close(&output)
        output.write("\n")
    }

    /// One digit behind the point.
    static func decimal(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "-" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths.magnitude % 10)"
    }
}

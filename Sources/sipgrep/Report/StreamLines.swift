import SIPKit
import SIPTrace

/// RTP streams, one line each, and what is wrong with the media of calls.
enum StreamLines {
    /// `rtp 10.0.0.1:40000 > 10.0.0.2:50000  PCMU  610/612 packets  loss 0.3 %  jitter 4.0 ms (max 8.1)  MOS 4.3`
    ///
    /// - Parameter keysOnly: `--dtmf`: only who pressed what.
    static func write(_ media: MediaTracker, keysOnly: Bool = false, to output: inout OutputBuffer) {
        if keysOnly { return Self.writeKeys(media, to: &output) }
        for stream in media.streams {
            output.write("rtp \(stream.source) > \(stream.destination)  \(Printable.text(stream.codec.utf8))")
            output.write("  ssrc 0x\(String(stream.ssrc, radix: 16))  \(stream.packets)/\(stream.expected) packets")
            output.write("  loss \(Self.decimal(stream.lossFraction * 100)) %")
            output.write("  jitter \(Self.decimal(stream.meanJitter)) ms (max \(Self.decimal(stream.maximumJitter)))")
            if stream.duplicates > 0 { output.write("  \(stream.duplicates) duplicates") }
            if stream.reordered > 0 { output.write("  \(stream.reordered) reordered") }
            if stream.burstRatio > 1.5 { output.write("  bursts \(Self.decimal(stream.burstRatio))") }
            if let quality = media.quality(stream) { output.write("  MOS \(Self.decimal(quality.mos))") }
            if !stream.digits.isEmpty { output.write("  keys \(Printable.text(stream.digits))") }
            if let reported = stream.reported { output.write(Self.text(reported)) }
            output.write("\n")
        }
        for finding in media.findings() {
            output.write("media \(finding.kind.rawValue)  \(finding.sentence)  id \(Printable.text(finding.callID))\n")
        }
    }

    private static func writeKeys(_ media: MediaTracker, to output: inout OutputBuffer) {
        for stream in media.streams where !stream.digits.isEmpty {
            let call = Printable.text(media.callID(stream))
            output.write("keys \(stream.source) > \(stream.destination)")
            output.write("  \(Printable.text(stream.digits))  id \(call)\n")
        }
    }

    /// What the receiver's RTCP says: `  rtcp lost 3 (at most 1.2 %) jitter 4.0 ms trip 32.0 ms MOS 4.1`.
    static func text(_ reported: RTPStream.Reported) -> String {
        var text = "  rtcp"
        if reported.reports > 0 {
            text += " lost \(reported.lost) (at most \(Self.decimal(reported.largestLoss * 100)) %)"
            text += " jitter \(Self.decimal(reported.jitter)) ms"
        }
        if let trip = reported.roundTrip { text += " trip \(Self.decimal(Double(trip) / 1_000_000)) ms" }
        if let mos = reported.mos { text += " MOS \(Self.decimal(mos))" }
        return text
    }

    static func writeJSON(_ media: MediaTracker, to output: inout OutputBuffer) {
        for stream in media.streams { Self.writeJSON(stream, media, to: &output) }
        for finding in media.findings() {
            var json = JSONWriter()
            json.open(&output)
            json.write("v", 1, &output)
            json.write("type", "media", &output)
            json.write("kind", finding.kind.rawValue, &output)
            json.write("call_id", finding.callID.span, &output)
            json.write("text", finding.sentence, &output)
            json.close(&output)
            output.write("\n")
        }
    }

    private static func writeJSON(_ stream: RTPStream, _ media: MediaTracker, to output: inout OutputBuffer) {
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
        let callID = Array(media.callID(stream))
        if !callID.isEmpty { json.write("call_id", callID.span, &output) }
        if let reported = stream.reported {
            json.open(&output, key: "rtcp")
            json.write("reports", reported.reports, &output)
            json.write("lost", reported.lost, &output)
            json.write("loss_max_permille", Int((reported.largestLoss * 1000).rounded()), &output)
            json.write("jitter", seconds: Int64(reported.jitter * 1_000_000), &output)
            if let trip = reported.roundTrip { json.write("round_trip", seconds: trip, &output) }
            if let mos = reported.mos { json.write("mos_x100", Int((mos * 100).rounded()), &output) }
            json.close(&output)
        }
        if let quality = media.quality(stream) {
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

import SIPKit

/// The calls whose media our relay carries: what mediaproxy's `sessions.py` was for.
extension ControlMethods {
    func mediaSessions() -> JSONValue {
        .array((self.state.media?.reports() ?? []).map(Self.json))
    }

    /// Ends a session by hand: the call stays, without sound.
    func endMediaSession(_ callID: String) throws(ControlError) -> JSONValue {
        let wanted = Array(callID.utf8)
        guard let media = self.state.media,
            let session = media.reports().first(where: { $0.callID == wanted }),
            media.end(callID: session.callID, tags: session.callerTag, [])
        else { throw ControlError(404, "no media session has this Call-ID") }
        return .text("ended")
    }

    private static func json(_ report: MediaReport) -> JSONValue {
        .object([
            "callid": .text(Printable.text(report.callID)), "from": .text(Printable.text(report.from)),
            "to": .text(Printable.text(report.to)), "age": .integer(Int(report.age)),
            "silence": .integer(Int(report.silence)), "answered": .bool(report.isAnswered),
            "streams": .array(
                report.streams.map { stream in
                    .object([
                        "type": .text(Printable.text(stream.kind)),
                        "codec": (stream.caller.rtp.payloadType ?? stream.callee.rtp.payloadType).map {
                            .text(Self.codec($0))
                        } ?? .null,
                        "hold": .bool(stream.isOnHold), "caller": Self.json(stream.caller),
                        "callee": Self.json(stream.callee),
                    ])
                }),
        ])
    }

    private static func json(_ side: MediaReport.Side) -> JSONValue {
        .object([
            "port": .text("\(side.local)"), "announced": side.announced.map { .text("\($0)") } ?? .null,
            "seen": side.learned.map { .text("\($0)") } ?? .null,
            "packets": .integer(Int(clamping: side.rtp.packets)), "bytes": .integer(Int(clamping: side.rtp.bytes)),
            "rtcp": .integer(Int(clamping: side.rtcp.packets)),
            "unsent": .integer(Int(clamping: side.rtp.unsent &+ side.rtcp.unsent)),
            "foreign": .integer(Int(clamping: side.rtp.foreign &+ side.rtcp.foreign)),
        ])
    }

    /// The names of the types that are fixed (RFC 3551 §6).
    private static func codec(_ payloadType: UInt8) -> String {
        let names: [UInt8: String] = [
            0: "PCMU", 3: "GSM", 4: "G723", 8: "PCMA", 9: "G722", 18: "G729", 26: "JPEG", 31: "H261", 32: "MPV",
            34: "H263",
        ]
        return names[payloadType] ?? "type \(payloadType)"
    }
}

extension ControlText {
    /// A session a paragraph: who with whom and for how long; each stream with its two sides.
    static func mediaSessions(_ result: JSONValue) -> String {
        let sessions = result.elements ?? []
        guard !sessions.isEmpty else { return "There are no media sessions.\n" }
        var text = sessions.count == 1 ? "There is 1 media session.\n" : "There are \(sessions.count) media sessions.\n"
        func word(_ value: JSONValue?, _ name: String) -> String { value?[name]?.plainText ?? "" }
        func side(_ name: String, _ side: JSONValue?) -> String {
            let place = side?["seen"]?.plainText ?? side?["announced"]?.plainText ?? "?"
            let inside = word(side, "announced")
            let behind = inside.isEmpty || inside == place ? "" : " (\(inside))"
            var line = "    \(name) \(place)\(behind) at \(word(side, "port")): \(word(side, "packets")) packets, "
            line += "\(word(side, "bytes")) bytes"
            for (figure, sentence) in [("unsent", "not passed on"), ("foreign", "of strangers")] {
                let number = word(side, figure)
                if number != "0" { line += ", \(number) \(sentence)" }
            }
            return line + "\n"
        }
        for session in sessions {
            let age = session["age"]?.integer ?? 0
            let minutes = age / 60
            let time =
                "\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60):\(age % 60 < 10 ? "0" : "")\(age % 60)"
            var status = "active"
            if session["answered"] != .bool(true) {
                status = "ringing"
            } else if let silence = session["silence"]?.integer, silence > 5 {
                status = "silent for \(silence) s"
            }
            text +=
                "\(word(session, "from")) -> \(word(session, "to"))  \(time)  \(status)  \(word(session, "callid"))\n"
            for stream in session["streams"]?.elements ?? [] {
                let hold = stream["hold"] == .bool(true) ? ", on hold" : ""
                text += "  \(word(stream, "type")) \(word(stream, "codec"))\(hold)\n"
                text += side("caller", stream["caller"]) + side("callee", stream["callee"])
            }
        }
        return text
    }
}

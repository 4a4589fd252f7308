import SIPKit

extension Diagnosis {
    static let t38Refused = Diagnosis(
        "M10", "t38-refused", .warning, .certain,
        "fax over IP refused",
        sees: "a fax fails after the tones",
        condition: "a re-INVITE with an image stream (udptl) is answered 488, 415 or 606",
        why: "one side does not speak T.38; the fax goes on as sound, which rarely survives compression and loss",
        remedy: "switch T.38 on at both ends, or force G.711 without comfort noise for fax lines",
        sources: "ITU-T T.38",
        explains: ["M1"],
        examples: [
            .yes("the image stream is refused", Scene.fax(488)),
            .no("it is accepted", Scene.fax(200)),
        ],
        .call(needs: [.notAcceptable, .newSession]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let record = context.records[place]
                guard [488, 415, 606].contains(record.status), record.isAnswer(to: .invite), record.isFirst,
                    let asked = context.records.indices.first(where: {
                        let other = context.records[$0]
                        return other.isRequest(.invite) && other.toTag != 0 && other.cSeq == record.cSeq
                            && other.topBranch == record.topBranch
                    }), let session = context.session(asked), session.media.contains(where: { $0.kind == .image })
                else { continue }
                return Evidence(
                    "\(context.agent(place)) refused fax over IP (T.38) with \(record.status); the fax from \(context.caller(asked)) likely fails.",
                    [context.number(asked), context.number(place)])
            }
            return nil
        })
}

extension Scene {
    /// A re-INVITE for T.38 that is answered with a code.
    static func fax(_ code: Int) -> Scene {
        let image =
            "v=0\r\no=- 1 2 IN IP4 192.0.2.10\r\ns=call\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=image 35000 udptl t38\r\n"
        return Scene.call.copying("BYE out", as: "fax out", at: 10).replacing("fax out", "BYE sip:", "INVITE sip:")
            .replacing("fax out", "2 BYE", "7 INVITE").replacing("fax out", "z9hG4bK-s3", "z9hG4bK-s7").replacing(
                "fax out", "z9hG4bK-p3", "z9hG4bK-p7"
            ).body("fax out", image).copying("BYE 200 in", as: "fax answer in", at: 10.1).replacing(
                "fax answer in", "200 OK", code == 200 ? "200 OK" : "\(code) Not Acceptable Here"
            ).replacing("fax answer in", "2 BYE", "7 INVITE").replacing("fax answer in", "z9hG4bK-s3", "z9hG4bK-s7")
            .replacing("fax answer in", "z9hG4bK-p3", "z9hG4bK-p7").replacing("*", "2 BYE", "8 BYE")
    }
}

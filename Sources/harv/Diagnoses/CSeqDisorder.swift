import SIPKit

extension Diagnosis {
    static let cSeqDisorder = Diagnosis(
        "R19", "cseq-disorder", .warning, .certain,
        "sequence numbers run backwards",
        sees: "500 Server Error inside of calls",
        condition:
            "in a dialog, a new request of one side has a lower CSeq than the highest before it (or the same with "
            + "another method), and is no repeat",
        why: "the other side must refuse what comes out of order",
        remedy:
            "update the device; where a server sends requests of its own into the dialog, it has to count on from the "
            + "device's number",
        sources: "RFC 3261 §12.2.2",
        explains: [],
        examples: [
            .yes(
                "a BYE with a lower number",
                Scene.call.replacing("*", "2 BYE", "1 BYE").replacing("*", "1 INVITE", "5 INVITE")
                    .replacing("*", "1 ACK", "5 ACK")),
            .no("numbers go up", Scene.call),
            .no(
                "packets that overtook one another",
                Scene.call.replacing("*", "2 BYE", "1 BYE").replacing("*", "1 INVITE", "5 INVITE").replacing(
                    "*", "1 ACK", "5 ACK"
                ).at("BYE in", 0.05).at("BYE out", 0.051).at("BYE 200 in", 0.09).at("BYE 200 out", 0.091)),
        ],
        .conversation(needs: [.disorder]) { (context: CallContext) -> Evidence? in
            var highest: [(tag: UInt64, place: Int)] = []
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.isFirst, record.method != .ack, record.method != .cancel,
                    record.fromTag != 0, record.toTag != 0 || record.method == .invite
                else { continue }
                guard let known = highest.firstIndex(where: { $0.tag == record.fromTag }) else {
                    if highest.count < 32 { highest.append((record.fromTag, place)) }
                    continue
                }
                let before = context.records[highest[known].place]
                let isLow =
                    record.toTag != 0
                    && (record.cSeq < before.cSeq || record.cSeq == before.cSeq && record.method != before.method)
                if !isLow {
                    if record.cSeq > before.cSeq { highest[known].place = place }
                } else if record.time - before.time > 100_000_000 {
                    return Evidence(
                        "\(context.agent(place)) sent CSeq \(record.cSeq) after \(before.cSeq); the other side may answer 500.",
                        [before.number, record.number])
                }
            }
            return nil
        })
}

import SIPKit

extension Diagnosis {
    static let twoAnswers = Diagnosis(
        "R32", "two-answers", .warning, .certain,
        "two phones answered one call",
        sees: "two phones stop ringing at once, one of them hears nothing",
        condition: "two branches of a forked INVITE answered 2xx",
        why: "both picked up before the CANCEL came; the caller has to acknowledge both and hang one of them up",
        remedy:
            "the phones' work; ring only the latest contact (append_branches, max_contacts 1) where it happens often",
        sources: "seed 003; RFC 3261 §13.2.2.4, §5",
        explains: ["R24"],
        examples: [
            .yes("a second phone answers as well", Scene.twoAnswers),
            .no("one answer", Scene.call),
            .no("the same answer again", Scene.call.again("200 in", after: 0.5)),
        ],
        .call(needs: [.answeredTwice]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, facts.isAnswered else { return nil }
            let cSeq = context.records[facts.lastInvite].cSeq
            var tags: [UInt64] = []
            var places: [Int] = []
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isAnswer(to: .invite), record.isSuccess, record.isFirst, record.cSeq == cSeq,
                    record.toTag != 0, !tags.contains(record.toTag), tags.count < 8
                else { continue }
                tags.append(record.toTag)
                places.append(place)
            }
            guard tags.count >= 2 else { return nil }
            let ended = tags.filter { tag in
                context.records.contains { $0.isRequest(.bye) && ($0.toTag == tag || $0.fromTag == tag) }
            }
            let loser = tags.firstIndex { !ended.contains($0) }
            let what = loser.map { "\(context.records[places[$0]].source) was left hanging" } ?? "one was released"
            return Evidence(
                "\(tags.count == 2 ? "Two" : "\(tags.count)") phones answered \(context.callee(places[0])); \(what).",
                places.map { context.number($0) })
        })
}

extension Scene {
    /// A call that rings at two phones; both answer.
    static let twoAnswers = Scene.call.copying("INVITE out", as: "INVITE 2 out", at: 0.005).to(
        "INVITE 2 out", "198.51.100.8:5060"
    ).replacing("INVITE 2 out", "z9hG4bK-s1", "z9hG4bK-s5").copying("200 in", as: "200 second in", at: 2.01).from(
        "200 second in", "198.51.100.8:5060"
    ).replacing("200 second in", "z9hG4bK-s1", "z9hG4bK-s5").replacing("200 second in", "tag=b", "tag=c")
}

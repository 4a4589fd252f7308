import SIPKit

extension Diagnosis {
    static let serialForkShape = Diagnosis(
        "R34", "serial-fork-shape", .info, .certain,
        "a refused call was sent on",
        sees: "call forwarding at work",
        condition: "after a refusal or a time-out of one target the server sends the same INVITE to another one",
        why: "a failure route or a list of contacts",
        remedy: "nothing; look at N4 when the sound fails afterwards (the relay must be called once)",
        sources: "seed 002 ch. 10",
        explains: [],
        examples: [
            .yes("busy, so on to the next", Scene.forwardedOnBusy("sip:mailbox@198.51.100.9")),
            .no("one target", Scene.call),
        ],
        .call(needs: [.forked]) { (context: CallContext) -> Evidence? in
            guard let step = context.forwardSteps.first else { return nil }
            let cause = step.cause == 0 ? "silence" : "\(step.cause)"
            return Evidence(
                "After \(cause) from \(context.records[step.from].destination) the call for \(context.callee(step.to)) went on to \(context.requestURI(step.to)?.text ?? "\(context.records[step.to].destination)").",
                [context.number(step.from), context.number(step.to)])
        })
}

extension CallContext {
    struct ForwardStep {
        /// Places of the INVITE copies before and after.
        var from: Int
        var to: Int
        /// The code that the first one was refused with; 0 when it got none.
        var cause: Int
    }

    /// Where the server sent the same INVITE to a new target after a refusal.
    var forwardSteps: [ForwardStep] {
        guard let facts = self.facts else { return [] }
        let copies = self.records.indices.filter {
            self.records[$0].passage == .relayed && self.records[$0].isRequest(.invite)
                && Int(self.records[$0].original) == facts.lastInvite && self.isOut(self.records[$0])
        }
        guard copies.count > 1 else { return [] }
        var steps: [ForwardStep] = []
        for (earlier, later) in zip(copies, copies.dropFirst()) {
            let refusal = self.answers(to: earlier).first {
                self.records[$0].status >= 300 && self.records[$0].time <= self.records[later].time
            }
            if let refusal, ![401, 407].contains(self.records[refusal].status) {
                steps.append(ForwardStep(from: earlier, to: later, cause: Int(self.records[refusal].status)))
            }
        }
        return steps
    }
}

extension Scene {
    /// The callee is busy, and the server sends the call on to a target.
    static func forwardedOnBusy(_ target: String) -> Scene {
        Scene.call.copying("180 in", as: "486 in", at: 1).replacing("486 in", "180 Ringing", "486 Busy Here").copying(
            "INVITE out", as: "INVITE on", at: 1.01
        ).to("INVITE on", "198.51.100.9:5060").replacing("INVITE on", "sip:bob@198.51.100.7:5060", target).replacing(
            "INVITE on", "z9hG4bK-s1", "z9hG4bK-s1.1"
        ).replacing("200 in", "z9hG4bK-s1", "z9hG4bK-s1.1").from("200 in", "198.51.100.9:5060")
    }
}

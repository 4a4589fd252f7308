import SIPKit

extension Diagnosis {
    static let holdStuck = Diagnosis(
        "M7", "hold-stuck", .warning, .likely,
        "a call on hold that never came back",
        sees: "silence after a transfer or a second call, until somebody hangs up",
        condition:
            "the last session that both sides agreed on is on hold (sendonly, inactive or c=0.0.0.0) for more than "
            + "a minute before the BYE",
        why: "the re-INVITE that should have ended the hold was lost, refused, or never sent",
        remedy: "look for a refused re-INVITE (A15, N18, R1 in the same call) and for music on hold that is missing",
        sources: "RFC 3264 §8.4",
        explains: [],
        examples: [
            .yes("on hold until the end", Scene.held(resumes: false)),
            .no("it came back", Scene.held(resumes: true)),
            .no("never on hold", Scene.call),
        ],
        .call(needs: [.newSession, .answered]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let bye = facts.bye else { return nil }
            let last = context.records.indices.last {
                let record = context.records[$0]
                return record.isRequest && (record.method == .invite || record.method == .update) && record.toTag != 0
                    && record.isFirst && record.traits.contains(.hasSession)
                    && context.answers(to: $0).contains { context.records[$0].isSuccess }
            }
            guard let last, context.seconds(last, bye) > 60, let session = context.session(last) else { return nil }
            let audio = session.media.first { $0.kind == .audio && $0.port != 0 }
            guard let audio else { return nil }
            let isHeld =
                audio.direction == .send || audio.direction == SessionFacts.Direction.none
                || session.address(of: audio).map(AddressScope.isHold) == true
            guard isHeld else { return nil }
            return Evidence(
                "\(context.caller(last)) put the call on hold for \(NumberText.fixed(context.seconds(last, bye), 0)) s and never took it back before it ended.",
                [context.number(last), context.number(bye)])
        })
}

extension Scene {
    /// A call that the caller puts on hold after eight seconds.
    static func held(resumes: Bool) -> Scene {
        func reinvite(_ scene: Scene, _ name: String, at seconds: Double, _ number: Int, _ direction: String) -> Scene {
            scene.copying("BYE in", as: name, at: seconds).replacing(name, "BYE sip:", "INVITE sip:").replacing(
                name, "2 BYE", "\(number) INVITE"
            ).replacing(name, "z9hG4bK-p3", "z9hG4bK-h\(number)").body(
                name, Scene.replace(Scene.session("192.168.1.2", 4000), "sendrecv", direction)
            ).copying("BYE 200 out", as: "\(name) 200", at: seconds + 0.05).replacing(
                "\(name) 200", "2 BYE", "\(number) INVITE"
            ).replacing("\(name) 200", "z9hG4bK-p3", "z9hG4bK-h\(number)")
        }
        var scene = reinvite(Scene.call.later(from: "BYE in", by: 170), "hold", at: 10, 3, "sendonly")
        scene = scene.replacing("*", "2 BYE", "9 BYE")
        return resumes
            ? reinvite(scene.replacing("*", "9 BYE", "2 BYE"), "resume", at: 40, 4, "sendrecv").replacing(
                "*", "2 BYE", "9 BYE") : scene
    }
}

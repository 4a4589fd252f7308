import SIPKit

extension Diagnosis {
    static let stunWrongPort = Diagnosis(
        "N17", "stun-wrong-port", .warning, .likely,
        "a phone guessed a wrong port",
        sees: "a phone that uses STUN keeps repeating, or gets no calls",
        condition: "Via and Contact show the packet's public address with another port than it came from, the answer "
            + "went to the port they show, and the phone asked again",
        why:
            "the router gives each destination its own port (symmetric NAT), so what STUN found out is not true for the "
            + "server",
        remedy: "nat_uac_test(\"19\") includes the port test (16), so that the server can repair it with force_rport() "
            + "and fix_nated_register(); or switch STUN off in the phone",
        sources: "seed 002 ch. 4 \"STUN\" and its warning, ch. 8 note on tests",
        explains: ["R22", "N10"],
        examples: [
            .yes("the answer goes to the guessed port and the phone repeats", Scene.guessedPort(worksThere: false)),
            .no("the phone hears the answer there", Scene.guessedPort(worksThere: true)),
            .no("a phone that shows its inside address", Scene.register),
        ],
        .conversation(needs: [.any(.hasOtherPort)]) { (context: CallContext) -> Evidence? in
            guard let shown = context.answerToShownPort, shown.isUnheard else { return nil }
            let source = context.records[shown.request].source
            return Evidence(
                "\(context.caller(shown.request)) guessed its outside port as \(shown.port), the router uses \(source.port); STUN does not work with this router.",
                [context.number(shown.request), context.number(shown.answer)])
        })
}

extension CallContext {
    struct ShownPort {
        var request: Int
        var answer: Int
        var port: UInt16
        /// Whether the request was sent again after the answer.
        var isUnheard: Bool
    }

    /// A request whose Via and Contact show its public address with another port, and whose answer went there.
    var answerToShownPort: ShownPort? {
        guard self.conversation.traits.contains(.hasOtherPort) else { return nil }
        for place in self.records.indices {
            let record = self.records[place]
            guard record.isRequest, record.isFirst, record.traits.contains(.hasOtherPort), record.transport == .udp,
                record.viaCount == 1, AddressScope.isPublic(record.source.ip), self.isIn(record),
                let answer = self.answers(to: place).first(where: { self.isOut(self.records[$0]) })
            else { continue }
            let port = self.records[answer].destination.port
            guard self.records[answer].destination.ip == record.source.ip, port != record.source.port,
                let contact = self.uri(place, .contact), IPAddress(contact.host) == record.source.ip,
                (contact.port ?? 5060) == port
            else { continue }
            let later = self.repeats(of: place).contains { self.records[$0].time > self.records[answer].time }
            return ShownPort(request: place, answer: answer, port: port, isUnheard: later)
        }
        return nil
    }
}

extension Scene {
    /// A phone whose Via and Contact name its outside address with port 5060, while its packets come from 1024.
    static func guessedPort(worksThere: Bool) -> Scene {
        let scene = Scene.register.replacing("*", "192.168.1.2:5060", "203.0.113.5:5060").replacing(
            "*", ";rport=1024;received=203.0.113.5", ""
        ).to("401 out", "203.0.113.5:5060").to("200 out", "203.0.113.5:5060")
        return worksThere ? scene : scene.again("REGISTER in", after: 0.5, 1.5)
    }
}

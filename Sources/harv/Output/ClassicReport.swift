import Glibc
import SIPKit

/// The sections and labels of the script that came with SER, one figure a line, so that what reads them goes on working.
///
/// The figures are right where the script's were not: they count messages and not lines, `PRACK` is no `ACK`, a
/// transfer's report is no reply, headers are found in any case and layout, zeros are written. Labels are the script's
/// to the blank, its slips included: other programs look for them.
struct ClassicReport {
    let summary: Summary
    /// What is counted: the script meant packets.
    var counting = Counting.unique

    func text() -> String {
        let names = self.summary.inputs.map { Printable.text($0.name.utf8) }.joined(separator: " ")
        return "Log: \(names)\nDate: \(Self.now())\n" + self.replies() + self.methods() + self.routes()
            + self.userAgents() + self.servers()
    }

    private static func now() -> String {
        var seconds = time(nil)
        var fields = tm()
        localtime_r(&seconds, &fields)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%a %b %e %H:%M:%S %Z %Y", &fields)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func count(_ tally: Tally) -> Int { tally.count(self.counting) }

    // MARK: Replies and methods

    /// Codes with the label that stands in front of the number; a class counts what is left of it.
    private static let replyLabels: [(codes: [(Int, String)], rest: String)] = [
        ([(100, "100 (trying): "), (180, "180 (ringing): "), (183, "183: (early media)")], "1xx: "),
        ([(200, "200 (ok): "), (202, "202 (accepted): ")], "2xx: "),
        ([(300, "300 (Multiple Choices): "), (302, "302 (Moved Temporarily): ")], "3xx: "),
        (
            [
                (400, "400 (Bad Request): "), (401, "401 (Unauthorized): "), (403, "403 (Forbidden): "),
                (404, "404 (Not Found):"),
                (405, "405 (Method not allowed): "), (406, "406 (Not Acceptable): "),
                (407, "407 (Proxy Authentication Required):"),
                (408, "408 (Request Timeout): "), (410, "410 (Gone): "), (415, "415 (Unsupported Media): "),
                (476, "476 (no recursive registrations): "), (477, "477 (next hop error): "),
                (478, "478 (Unresolveable): "),
                (479, "479 (private IP): "), (480, "480 (Unavailable): "),
                (481, "481 (Call/Transaction does not exist): "),
                (482, "482 (Loop Detected): "), (483, "483 (Too Many Hops): "), (486, "486 (Busy Here): "),
                (487, "487 (Request Terminated): "), (488, "488 (Not Acceptable): "), (489, "489 (Bad Event): "),
            ], "4xx: "
        ),
        (
            [
                (500, "500 (Server Internal Error): "), (501, "501 (Not Implemented): "), (502, "502 (Bad Gateway): "),
                (503, "503 (Service Unavailabl): "),
            ], "5xx: "
        ),
        ([(603, "603 (Decline): ")], "6xx: "),
    ]

    private func replies() -> String {
        var text = "## Reply Codes\n"
        for (place, group) in Self.replyLabels.enumerated() {
            var listed = 0
            for (code, label) in group.codes {
                let number = self.count(self.summary.messages.code(code))
                listed += number
                text += "\(label)\(number)\n"
            }
            text += "\(group.rest)\(self.count(self.summary.messages.codeClass(place + 1)) - listed)\n"
        }
        return text
    }

    private func methods() -> String {
        let listed: [SIPMethod] = [
            .invite, .cancel, .ack, .register, .bye, .options, .info, .message, .subscribe, .notify,
        ]
        return "## Request Methods\n"
            + listed.map { "\($0.name): \(self.count(self.summary.messages.method($0)))\n" }.joined()
    }

    private func routes() -> String {
        let labels = [
            ("To imgw: ", "IMGW"), ("To voicemail: ", "VOICEMAIL"), ("To bat: ", "BATTEST"), ("To UsrLoc: ", "USRLOC"),
            ("Outbound: ", "OUTBOUND"), ("To SMS: ", "SMS"), ("To PSTN: ", "GATEWAY"),
            ("To: VM on off-line", "OFFLINE-VOICEMAIL"),
        ]
        let hints = self.summary.hints
        return "## Outbound Routes\n"
            + labels.map { label, hint in
                let wanted = Array(hint.utf8)
                let number = hints.labels.indices.dropFirst().reduce(0) { sum, place in
                    guard hints.labels[place].starts(with: wanted) else { return sum }
                    return sum + hints.count(place, self.counting)
                }
                return "\(label)\(number)\n"
            }.joined()
    }

    // MARK: Agents

    /// Labels in the order of the script, with what is looked for in the text in lower case; `=` asks for a whole word.
    private static let agentLabels: [(String, String)] = [
        ("Snom", "snom"), ("MSN", "rtc/"), ("Mitel", "mitel"), ("Pingtel", "pingtel"), ("SER", "sip express"),
        ("osip", "osip-ua"),
        ("linphone", "osip/linphone"), ("ubiquity", "ubiquityuseragent"), ("3com", "3com"), ("IPDialog", "ipdialog"),
        ("Epygi", "epygi"),
        ("Jasomi", "jasomi"), ("Cisco", "cisco"), ("insipid", "insipid"), ("Hotsip", "hotsip"), ("mxsf", "mxsf"),
        ("GrandStream", "grandstream"), ("Tellme", "tellme"), ("PocketSipM", "pocketsipm"), ("eStara", "estara"),
        ("Vovida", "vovida"),
        ("jSIP", "jsip"), ("Nortel", "nortel"), ("Polycom", "polycom"), ("Leader", "leadersip"), ("csco", "csco"),
        ("Nebula", "nebula"),
        ("MagicPPC", "magicppc"), ("SCS", "scs"), ("SJPhone", "sjphone"), ("KPhone", "kphone"), ("Yamaha", "yamaha"),
        ("tkcPhone", "tkcphone"), ("EdgeAccess", "edgeaccess"), ("HP300", "hp300"), ("EyeP", "sip eyep phone"),
        ("SIPimp", "sipimp.org"),
        ("SJPhone", "sjphone"), ("LG-Elite", "lg-elite"), ("Asterisk", "asterisk"), ("CommWorks", "commworks"),
        ("sipsak", "sipsak"),
        ("FXSGW", "fxs_gw"), ("SXDesing", "sx des"), ("D-link", "d-link"), ("gphone", "gphone"), ("X-lite", "x-lite"),
        ("grandstream", ""),
        ("vegastream", "vega"), ("Ahead SIPPS", "ahead sipps"), ("IBM user agent", "ibm user agent"),
        ("i3micro", "i3micro"),
        ("ACT", "=act"), ("X-pro", "x-pro"), ("Hearme", "hearme"), ("DrayTek", "draytek"), ("ST", "st280"),
        ("DTA", "=dta"),
        ("FCI IPRanger", "=fci"),
    ]

    /// Servers by line, two or three in some.
    private static let serverLines: [[(String, String)]] = [
        [("Cisco", "cisco"), ("ser", "sip express")], [("Intertex", "intertex"), ("Hotsip", "hotsip")],
        [("3com", "3com"), ("EPYGI", "epygi"), ("Leader", "leadersip_ua")],
        [("IMS (Nortel)", "=ims"), ("CSCO", "csco")],
        [("sapphire", "sapphire")], [("snom", "snom")], [("lucent", "lucent")], [("edgeAccess", "edgeaccess")],
        [("mcet", "mcet")],
        [("sjphone", "sjlabs-sjphone")], [("StarSIP", "starsip")], [("ipDialog", "ipdialog")], [("eDial", "edial")],
        [("FWD", "free world")],
        [("MA", "=ma")], [("Columbia", "sipua-columbia-university/")], [("PartySip", "partysip")],
    ]

    private func userAgents() -> String {
        var text = "## User Agents\n"
        let (counts, unknown) = self.classify(Self.agentLabels.map(\.1)) {
            $0.userAgentCount(self.counting)
        }
        for (label, key) in Self.agentLabels { text += "\(label): \(counts[key] ?? 0)\n" }
        return text + "UFO: \(unknown)\n"
    }

    private func servers() -> String {
        var text = "## Servers\n"
        let (counts, unknown) = self.classify(Self.serverLines.flatMap { $0.map(\.1) }) {
            $0.serverCount(self.counting)
        }
        for line in Self.serverLines {
            text += line.map { "\($0.0): \(counts[$0.1] ?? 0)" }.joined(separator: "  ") + "\n"
        }
        return text + "UFO: \(unknown)\n"
    }

    /// The counts by key: each text goes to the first key that it holds.
    private func classify(_ keys: [String], _ number: (AgentTable.Agent) -> Int) -> ([String: Int], Int) {
        var counts: [String: Int] = [:]
        var unknown = 0
        for agent in self.summary.agents.agents.dropFirst() {
            let lower = agent.text.map(ASCII.lowercased)
            if let key = keys.first(where: { !$0.isEmpty && Self.holds(lower, $0) }) {
                counts[key, default: 0] += number(agent)
            } else {
                unknown += number(agent)
            }
        }
        return (counts, unknown)
    }

    private static func holds(_ text: [UInt8], _ key: String) -> Bool {
        let isWord = key.hasPrefix("=")
        let wanted = Array(key.utf8.dropFirst(isWord ? 1 : 0))
        guard text.count >= wanted.count else { return false }
        return (0...(text.count - wanted.count)).contains { start in
            let end = start + wanted.count
            guard text[start..<end].elementsEqual(wanted) else { return false }
            guard isWord else { return true }
            return (start == 0 || !ASCII.isAlphanumeric(text[start - 1]))
                && (end == text.count || !ASCII.isAlphanumeric(text[end]))
        }
    }
}

/// What each figure means and how a trace's messages are mapped to it (`--explain ser`).
enum FigureManual {
    struct Entry: Sendable {
        var name: String
        var title: String
        var text: String
        var source: String
    }

    static let entries: [Entry] = [
        Entry(
            name: "ser", title: "Session Establishment Ratio",
            text:
                "Attempts answered with a 2xx, of all attempts that were not answered with a 3xx. An attempt is all INVITEs of a Call-ID without To tag: the INVITE that was challenged (401, 407) and the one with the password are one attempt, or SER could not exceed 50 % where every call is challenged. The RFC does not say what to do with challenges; this is our reading. What scanners try is left out.",
            source: "RFC 6076 section 4.6"),
        Entry(
            name: "seer", title: "Session Establishment Effectiveness Ratio",
            text:
                "As SER, but busy (486, 600), away (480) and declined (603) count as success too: the network did its part and the called person said no.",
            source: "RFC 6076 section 4.7"),
        Entry(
            name: "isa", title: "Ineffective Session Attempts",
            text: "Attempts that ended with 408, 500, 503 or 504, of all attempts.", source: "RFC 6076 section 4.8"),
        Entry(
            name: "scr", title: "Session Completion Ratio",
            text:
                "Attempts whose call was answered and ended by a BYE that got a 2xx, of all attempts. A call that is up when the trace ends is not complete.",
            source: "RFC 6076 section 4.9"),
        Entry(
            name: "srd", title: "Session Request Delay",
            text:
                "From the last INVITE without To tag, as it came in, to the first 101 to 199 on the caller's hop. A 100 does not count: it says only that the next server is there.",
            source: "RFC 6076 section 4.3"),
        Entry(
            name: "sdt", title: "Session Duration Time",
            text: "From the 200 to the INVITE on the caller's hop to the first BYE.", source: "RFC 6076 section 4.5"),
        Entry(
            name: "sdd", title: "Session Disconnect Delay",
            text: "From the BYE to its 2xx on the same hop.", source: "RFC 6076 section 4.4"),
        Entry(
            name: "rrd", title: "Registration Request Delay",
            text:
                "From a REGISTER that was accepted to its 2xx: the one with the password, where there was a challenge.",
            source: "RFC 6076 section 4.2"),
        Entry(
            name: "ner", title: "Network Effectiveness Ratio",
            text:
                "Answered, busy (486, 600), away (480), declined (603), and 487 or 408 after ringing, of all attempts. E.425 speaks of ISUP's causes (answer, user busy, ring no answer, terminal rejection); this mapping to SIP's codes is ours.",
            source: "ITU-T E.425 section 2.4"),
        Entry(
            name: "asr", title: "Answer Seizure Ratio",
            text: "Attempts answered with a 2xx, of all attempts, redirected ones included.",
            source: "ITU-T E.425 section 2.4"),
        Entry(
            name: "acd", title: "Average Call Duration",
            text: "The mean of SDT over answered calls that have ended.", source: "ITU-T E.411"),
        Entry(
            name: "transit", title: "Time in the server",
            text: "From the INVITE as it came in to the first copy that a server passed on.", source: "harv"),
    ]

    static func explain(_ name: String) -> String? {
        guard let entry = Self.entries.first(where: { $0.name == name.lowercased() }) else { return nil }
        let lines =
            ["\(entry.name.uppercased()): \(entry.title)", ""] + ProblemReport.wrap(entry.text, "how   ", "      ", 80)
            + ProblemReport.wrap(entry.source, "from  ", "      ", 80)
        return lines.joined(separator: "\n") + "\n"
    }
}

import ArgumentParser
import Glibc
import SIPTrace

/// The options that choose another output than the forms of `-W`.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print a JSON object a message, and one at the end.")
    var json = false
    @Flag(name: .customLong("raw"), help: "With --json: add the message itself.")
    var addsRaw = false
    @Option(
        name: .customLong("csv"),
        help: ArgumentHelp(
            "Print these fields as CSV (ts, src, dst, method, status, from.user, header.NAME, ...).",
            valueName: "cols"))
    var csv: String?
    @Option(
        name: .customLong("fields"),
        help: ArgumentHelp("Print these fields, separated by tabs.", valueName: "cols"))
    var fields: String?

    @Option(
        name: .customLong("flow"),
        help: ArgumentHelp("Draw the calls: text, mermaid, svg or html.", valueName: "format"))
    var flow: String?
    @Flag(
        name: [.customShort("r"), .customLong("rtp")],
        help: "Tell about each RTP stream at the end: packets, loss, jitter, MOS, keys.")
    var rtp = false
    @Option(
        name: .customLong("mos-codec"),
        help: ArgumentHelp("Ie and Bpl of a codec for the opinion score, for -r.", valueName: "name=ie,bpl"))
    var codecs: [String] = []
    @Flag(name: .customLong("dtmf"), help: "Tell the keys that were pressed in each stream at the end (RFC 4733).")
    var dtmf = false
    @Flag(name: .customShort("C"), help: "The same as --color auto.")
    var colours = false
    @Option(
        name: .customLong("color"),
        help: ArgumentHelp(
            "Colours by what a message is, and where it matches: auto (on a terminal), always, never; NO_COLOR is heeded.",
            valueName: "when"))
    var colourRule: String?
    @Option(
        name: .customLong("letters"),
        help: ArgumentHelp("ngrep: only T and U, for programs that know no others.", valueName: "set"))
    var letters: String?
    @Flag(name: .customLong("wide"), help: "Let --flow text be wider than 100 columns.")
    var wide = false
    @Option(
        name: .customLong("report"),
        help: ArgumentHelp("Print figures instead of messages: text, md or json.", valueName: "format"))
    var report: String?

    @Option(
        name: .customLong("stats"),
        help: ArgumentHelp("Print only figures, one line every so many seconds (default 60).", valueName: "seconds"))
    var statistics: Int?
    @Option(
        name: .customLong("diff"), parsing: .upToNextOption,
        help: ArgumentHelp("Compare two messages (by their numbers) or two calls (by Call-IDs).", valueName: "a b"))
    var diff: [String] = []
    @Option(
        name: .customLong("names"),
        help: ArgumentHelp(
            "Names beside addresses, from a file (lines of address and name, as /etc/hosts), dns, or docker.",
            valueName: "file")
    )
    var names: String?

    func apply(form name: String?, to settings: inout Settings) throws(Failure) {
        let chosen = [
            name.map { _ in "-W" }, settings.isHexDump ? "-x" : nil, self.json ? "--json" : nil,
            self.csv.map { _ in "--csv" }, self.fields.map { _ in "--fields" },
            self.flow.map { _ in "--flow" }, self.report.map { _ in "--report" },
            self.statistics.map { _ in "--stats" }, self.diff.isEmpty ? nil : "--diff",
        ].compactMap { $0 }
        guard chosen.count <= 1 else { throw Failure("\(chosen.joined(separator: " and ")) exclude one another") }
        if let name {
            guard let form = Settings.Form(rawValue: name), Settings.Form.named.contains(form) else {
                let known = Settings.Form.named.map(\.rawValue).joined(separator: ", ")
                throw Failure("-W: \"\(name)\" is not known; there are \(known)")
            }
            settings.form = form
        }
        if settings.isHexDump { settings.form = .normal }
        settings.addsRaw = self.addsRaw
        if self.json { settings.form = .json }
        if let list = self.csv ?? self.fields {
            settings.form = self.csv == nil ? .fields : .csv
            settings.fieldColumns = try ColumnPrinter.columns(list)
        }
        settings.isWide = self.wide
        settings.followsMedia = self.rtp || self.dtmf
        settings.tellsOnlyKeys = self.dtmf && !self.rtp
        settings.isColoured = try self.wantsColours()
        if let letters = self.letters {
            guard letters == "ngrep" else { throw Failure("--letters: ngrep is known, and nothing else") }
            settings.usesOldLetters = true
        }
        for text in self.codecs {
            let parts = text.split { $0 == "=" || $0 == "," }
            guard parts.count == 3, let impairment = Double(parts[1]), let robustness = Double(parts[2]),
                (0..<95).contains(impairment), robustness > 0, robustness.isFinite
            else { throw Failure("--mos-codec: NAME=IE,BPL is expected (opus=10,20), here is \"\(text)\"") }
            settings.codecs[parts[0].uppercased()] = EModel.Codec(impairment: impairment, robustness: robustness)
        }
        if let name = self.flow {
            settings.form = .flow
            settings.flow = try Self.choice("--flow", name)
        }
        if let seconds = self.statistics {
            guard (1...86_400).contains(seconds) else { throw Failure("--stats: 1 to 86400 seconds are expected") }
            settings.form = .stats
            settings.statisticsInterval = Int64(seconds) * 1_000_000_000
        }
        if !self.diff.isEmpty {
            guard self.diff.count == 2 else { throw Failure("--diff: two numbers or two Call-IDs are expected") }
            settings.form = .diff
            settings.compared = self.diff
        }
        settings.names = self.names
        if let name = self.report {
            settings.form = .report
            settings.report = try Self.choice("--report", name)
        }
    }

    private func wantsColours() throws(Failure) -> Bool {
        switch self.colourRule ?? (self.colours ? "auto" : "never") {
        case "always": return true
        case "never": return false
        case "auto":
            let isForbidden = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
            return !isForbidden && isatty(STDOUT_FILENO) == 1
        case let other: throw Failure("--color: auto, always or never is expected, here is \"\(other)\"")
        }
    }

    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ option: String, _ name: String
    ) throws(Failure) -> Choice where Choice.RawValue == String {
        if let choice = Choice(rawValue: name) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure("\(option): \"\(name)\" is not known; there are \(known)")
    }
}

import ArgumentParser
import Glibc
import SIPTrace

@main
struct SipgrepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sipgrep",
        abstract: "Shows the SIP messages on a network or in a capture.",
        usage: "sipgrep [options] [match] [bpf ...]",
        discussion: """
            The first word is a regular expression that a message must contain, all further words are a capture \
            filter in the language of tcpdump. "sipgrep port 5060" is understood as a filter.

            Exit status: 0 something was shown, 1 nothing was, 2 it could not be done, 3 with --strict when the input \
            was damaged or packets were lost.
            """,
        version: "0.1.0")

    @OptionGroup(title: "What to show") var selection: SelectionOptions
    @OptionGroup(title: "How to show it") var output: OutputOptions
    @OptionGroup(title: "HEP") var hep: HEPOptions
    @OptionGroup(title: "The screen, and alerts") var watch: WatchOptions
    @OptionGroup(title: "Other input, and limits") var input: InputOptions
    @OptionGroup(title: "Writing, and ending") var writing: SavingOptions
    @OptionGroup(title: "Encrypted connections") var tls: TLSOptions

    @Argument(help: ArgumentHelp("What to look for, then a capture filter.", valueName: "match bpf"))
    var words: [String] = []

    @Option(
        name: .customShort("I"),
        help:
            "Read a capture file (pcap, pcapng, packed with gzip or not; - is standard input). May be given several times."
    )
    var files: [String] = []
    @Option(name: .customShort("O"), help: "Write the packets that matched to a pcap file.")
    var writeTo: String?
    @Option(
        name: .customShort("Q"), help: "Begin a new file for -O: filesize:KB (or 10M) or duration:SECONDS (or 15m).")
    var rotation: [String] = []
    @Option(name: .customLong("keep"), help: "Remove old files of -Q: files:N, bytes:N (or 1G), age:T.")
    var retention: [String] = []
    @Option(name: .customShort("d"), help: "Capture on this device, or on several: eth0,eth1 (default: any).")
    var device: String?
    @Option(name: [.customShort("Z"), .customLong("user")], help: "Become this user when the devices are open.")
    var user: String?
    @Option(
        name: .customLong("compat"),
        help: "sipcapture: understand the letters of the other program of this name (also SIPGREP_COMPAT).")
    var compatibility: String?
    @Option(name: .customShort("F"), help: "Read the capture filter from the first line of a file.")
    var filterFile: String?
    @Option(name: .customShort("W"), help: "How to print: classic, byline, normal, single, none, brief, raw.")
    var form: String?
    @Option(name: .customShort("n"), help: "Stop after so many matches.")
    var count: Int?
    @Option(name: .customShort("A"), help: "Show so many messages after a match, too.")
    var after: Int = 0
    @Option(name: .customLong("before"), help: "Show so many messages before a match, too.")
    var before: Int = 0
    @Option(name: .customShort("s"), help: "Capture only so many bytes of a packet.")
    var snapLength: Int = 262_144
    @Option(name: .customShort("S"), help: "Look only at the first so many bytes of a message.")
    var lookLimit: Int?
    @Option(name: .customShort("c"), help: "Width of the output for -W normal.")
    var columns: Int?
    @Option(name: .customShort("P"), help: "The character for bytes that cannot be printed (default: a dot).")
    var replacement: String?
    @Option(name: .customShort("B"), help: "Size of the kernel's ring in MB.")
    var ring: Int = 16
    @Option(
        name: .long, help: "Take packets for this link type (en10mb, raw, ... or a number), whatever the file says.")
    var linkAs: String?

    @Flag(
        name: .customShort("q"),
        help: "Quiet: no hash marks and closing lines; -qq no filter and match lines either; -qqq headers only.")
    var quiet: Int
    @Flag(name: .customShort("t"), help: "Show the time of day.")
    var absoluteTime = false
    @Flag(name: .customShort("T"), help: "Show the time since the previous match; twice: since the first.")
    var deltaTime: Int
    @Flag(name: .customShort("i"), help: "Ignore case.")
    var caseless = false
    @Flag(name: .customShort("v"), help: "Show what does not match.")
    var inverted = false
    @Flag(name: .customShort("w"), help: "Match whole words.")
    var wholeWords = false
    @Flag(name: .customShort("X"), help: "The match is bytes in hexadecimal.")
    var hexMatch = false
    @Flag(name: .customShort("x"), help: "Print as hexadecimal and characters.")
    var hexDump = false
    @Flag(name: .customShort("M"), help: "The dot of an expression does not match a line end.")
    var singleLine = false
    @Flag(name: .customShort("N"), help: "Show the number of the IP protocol.")
    var protocolNumber = false
    @Flag(name: .customShort("l"), help: "Write each message at once.")
    var lineBuffered = false
    @Flag(name: .customShort("p"), help: "Do not put the device into promiscuous mode.")
    var notPromiscuous = false
    @Flag(name: .customShort("a"), help: "Do not join TCP segments.")
    var noReassembly = false
    @Flag(name: .long, help: "Do not look into tunnels.")
    var noTunnels = false
    @Flag(name: .long, help: "Do not open HEP packets.")
    var noHep = false
    @Flag(name: .customLong("count"), help: "Print only how many messages matched.")
    var countsOnly = false
    @Flag(name: .long, help: "Say what was not shown, and why.")
    var explain = false
    @Flag(name: .long, help: "Exit with 3 when the input was damaged or packets were lost.")
    var strict = false
    @Flag(name: .long, help: "List the capture devices and exit.")
    var listDevices = false
}

extension SipgrepCommand {
    static func main() {
        let diagnostics = Diagnostics()
        do {
            let words = try Compatibility.translate(
                Array(CommandLine.arguments.dropFirst()),
                environment: getenv("SIPGREP_COMPAT").map { String(cString: $0) })
            let command = try Self.parse(ArgumentSplitter.split(ConfigFile.expand(words)))
            Glibc.exit(try command.perform(diagnostics).rawValue)
        } catch let failure as Failure {
            diagnostics.say(failure.description)
            Glibc.exit(ExitStatus.failed.rawValue)
        } catch {
            // Help and version are no errors; wrong usage is one of ours, with 2 instead of the parser's 64.
            let isAsked = Self.exitCode(for: error).isSuccess
            let text = Self.fullMessage(for: error)
            if isAsked { print(text) } else { diagnostics.say(text, bare: true) }
            Glibc.exit(isAsked ? 0 : ExitStatus.failed.rawValue)
        }
    }

    private func perform(_ diagnostics: Diagnostics) throws -> ExitStatus {
        if self.listDevices {
            for device in LiveCapture.devices() {
                print(device.about.isEmpty ? device.name : "\(device.name)\t\(device.about)")
            }
            return .selected
        }
        SignalWatch.begin()
        return try Run(settings: try self.settings(), diagnostics: diagnostics).execute()
    }

    /// What these words on the command line ask for.
    static func settings(from arguments: [String]) throws -> Settings {
        try Self.parse(ArgumentSplitter.split(arguments)).settings()
    }

    /// What was asked for, checked.
    func settings() throws(Failure) -> Settings {
        var settings = Settings()
        try self.readWords(into: &settings)
        settings.files = self.files
        if let names = self.device {
            settings.devices = names.split(separator: ",").map(String.init)
            guard !settings.devices.isEmpty else { throw Failure("-d: the name of a device is needed") }
        }
        settings.user = self.user
        if self.deltaTime > 0 { settings.clock = self.deltaTime > 1 ? .deltaFromFirst : .delta }
        if self.absoluteTime { settings.clock = .absolute }
        settings.quiet = self.quiet
        settings.isCaseless = self.caseless
        settings.isInverted = self.inverted
        settings.wholeWords = self.wholeWords
        settings.isHex = self.hexMatch
        settings.isHexDump = self.hexDump
        settings.singleLine = self.singleLine
        settings.lookLimit = try self.positive("-S", self.lookLimit)
        settings.matchLimit = try self.positive("-n", self.count)
        settings.after = try self.positive("-A", self.after, orZero: true) ?? 0
        settings.before = try self.positive("--before", self.before, orZero: true) ?? 0
        guard settings.before <= ContextMessages.maximum else {
            throw Failure("--before: \(ContextMessages.maximum) at most")
        }
        settings.columns = try self.positive("-c", self.columns)
        settings.showsProtocolNumber = self.protocolNumber
        if let text = self.replacement {
            guard let byte = text.utf8.first, text.utf8.count == 1, PrintableBytes.isPrintable(byte) else {
                throw Failure("-P: one printable ASCII character is needed, here is \"\(text)\"")
            }
            settings.replacement = byte
        }
        settings.isLineBuffered = self.lineBuffered
        if let path = self.writeTo {
            var saving = Saving(path: path)
            for rule in self.rotation { try saving.readRotation(rule) }
            for rule in self.retention { try saving.readRetention(rule) }
            settings.saving = saving
        } else if !self.rotation.isEmpty || !self.retention.isEmpty {
            throw Failure("-Q and --keep need -O")
        }
        settings.snapLength = Int32(clamping: try self.positive("-s", self.snapLength) ?? 262_144)
        settings.ringMegabytes = Int32(clamping: Swift.min(try self.positive("-B", self.ring) ?? 16, 1024))
        settings.isPromiscuous = !self.notPromiscuous
        if let name = self.linkAs {
            guard let link = LinkType(named: name), link.isKnown else {
                throw Failure("--link-as: \"\(name)\" is not a link type that is known")
            }
            settings.assumedLink = link
        }
        settings.joinsSegments = !self.noReassembly
        settings.opensTunnels = !self.noTunnels
        settings.opensHEP = !self.noHep
        settings.explains = self.explain
        settings.isStrict = self.strict
        settings.countsOnly = self.countsOnly
        try self.selection.apply(to: &settings)
        try self.hep.apply(to: &settings)
        settings.keyLog = self.tls.keyLog
        settings.privateKeys = self.tls.privateKeys
        try self.watch.apply(to: &settings)
        try self.input.apply(to: &settings)
        try self.writing.apply(to: &settings)
        try self.output.apply(form: self.form, to: &settings)
        guard settings.before == 0 || !settings.wholeDialogs else {
            throw Failure("--before shows what came before a match, -g its dialog: they exclude one another")
        }
        return settings
    }

    /// The first word is the match, the others are the filter; if they are none, all words may be.
    private func readWords(into settings: inout Settings) throws(Failure) {
        settings.match = self.words.first
        let rest = self.words.dropFirst().joined(separator: " ")
        if let path = self.filterFile {
            settings.captureFilter = try FilterFile.firstLine(of: path)
            return
        }
        guard !rest.isEmpty else { return }
        settings.captureFilter = rest
        if let reason = PacketFilter.reasonAgainst(rest) {
            let all = self.words.joined(separator: " ")
            guard PacketFilter.reasonAgainst(all) == nil else {
                throw Failure("filter: \(reason)\n  \(rest)")
            }
            settings.match = nil
            settings.captureFilter = all
        }
    }

    private func positive(_ option: String, _ number: Int?, orZero: Bool = false) throws(Failure) -> Int? {
        guard let number else { return nil }
        guard number > 0 || orZero && number == 0 else { throw Failure("\(option): a number above 0 is needed") }
        return number
    }
}

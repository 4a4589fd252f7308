import ArgumentParser
import SIPTrace

/// The options for input besides captures and devices, and for what the program may do.
struct InputOptions: ParsableArguments {
    @Option(
        name: .customLong("text"),
        help: ArgumentHelp("Read what ngrep, sipgrep or sngrep printed (- is standard input).", valueName: "file"))
    var texts: [String] = []
    @Option(
        name: .customLong("tzsp"),
        help: ArgumentHelp(
            "Receive what a router mirrors (TZSP, port 37008) instead of capturing.", valueName: "host:port"))
    var mirror: String?
    @Option(
        name: .customLong("max-dialogs"), help: ArgumentHelp("How many dialogs tables may hold.", valueName: "n"))
    var dialogs: Int?
    @Option(
        name: .customLong("ports"),
        help: ArgumentHelp(
            "Look only at packets to or from these ports (5060-5080); the same as \"portrange\" in the filter.",
            valueName: "range"))
    var ports: String?
    @Flag(name: .customShort("D"), help: "Replay files at the pace at which they were captured.")
    var replay = false
    @Flag(name: .customShort("e"), help: "Show packets without payload and keep-alives, too.")
    var empty = false
    @Option(
        name: .customShort("K"), help: ArgumentHelp("Not done: sipgrep watches and sends nothing.", visibility: .hidden)
    )
    var kill: String?
    @Option(
        name: .customLong("max-memory"),
        help: ArgumentHelp("How much memory tables may take (64M, 1G).", valueName: "size"))
    var memory: String?
    @Option(
        name: .customLong("chroot"),
        help: ArgumentHelp("See only this folder once the devices are open.", valueName: "folder"))
    var root: String?
    @Flag(name: .customShort("R"), help: "Keep root's rights (they are kept unless -Z is given; for ngrep's users).")
    var keepsRoot = false

    func apply(to settings: inout Settings) throws(Failure) {
        guard self.texts.isEmpty || settings.files.isEmpty && settings.listensTo == nil else {
            throw Failure("--text and -I or -L exclude one another")
        }
        settings.texts = self.texts
        if let text = self.mirror {
            guard settings.files.isEmpty, settings.listensTo == nil, self.texts.isEmpty else {
                throw Failure("--tzsp and -I, -L or --text exclude one another")
            }
            guard let address = HEPAddress(text), !address.isStream else {
                throw Failure("--tzsp: HOST:PORT is expected, here is \"\(text)\"")
            }
            settings.mirrorsFrom = address
        }
        if let count = self.dialogs {
            guard (1...10_000_000).contains(count) else { throw Failure("--max-dialogs: 1 to 10000000 is expected") }
            settings.dialogLimit = count
        }
        if let range = self.ports { try Self.add(ports: range, to: &settings) }
        if self.replay {
            guard !settings.files.isEmpty else { throw Failure("-D replays files: it needs -I") }
            settings.replays = true
        }
        settings.showsEmpty = self.empty
        guard self.kill == nil else { throw Failure("-K: sipgrep only watches; it sends no RST and nothing else") }
        if let text = self.memory {
            let size = try Saving.bytes("--max-memory", text, unit: 1)
            guard size >= 48 << 20 else { throw Failure("--max-memory: 48M at least") }
            settings.memoryLimit = size
            settings.screenMemory = (size - Settings.baseMemory) / 2
        }
        if let root = self.root {
            guard settings.isLive else { throw Failure("--chroot is for live input") }
            settings.root = root
        }
        if self.keepsRoot, settings.user != nil { throw Failure("-R and -Z exclude one another") }
    }

    private static func add(ports range: String, to settings: inout Settings) throws(Failure) {
        let ends = range.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { UInt16($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, first > 0, first <= last else {
            throw Failure("--ports: a port or a range such as 5060-5080 is expected, here is \"\(range)\"")
        }
        let words = "portrange \(first)-\(last)"
        settings.captureFilter = settings.captureFilter.map { "( \($0) ) and \(words)" } ?? words
    }
}

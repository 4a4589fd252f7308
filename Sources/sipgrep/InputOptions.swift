import ArgumentParser

/// The options for input besides captures and devices, and for what the program may do.
struct InputOptions: ParsableArguments {
    @Option(
        name: .customLong("text"),
        help: ArgumentHelp("Read what ngrep, sipgrep or sngrep printed (- is standard input).", valueName: "file"))
    var texts: [String] = []
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
            settings.screenMemory = (size - (32 << 20)) / 2
        }
        if let root = self.root {
            guard settings.isLive else { throw Failure("--chroot is for live input") }
            settings.root = root
        }
        if self.keepsRoot, settings.user != nil { throw Failure("-R and -Z exclude one another") }
    }
}

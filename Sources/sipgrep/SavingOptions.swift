import ArgumentParser

/// The options for what is written besides -O, and for when to end.
struct SavingOptions: ParsableArguments {
    @Option(
        name: .customLong("per-dialog"),
        help: ArgumentHelp("Write each dialog that matched to a pcap file of its own.", valueName: "folder"))
    var folder: String?
    @Flag(name: .customLong("with-rtp"), help: "With --per-dialog: the media of the calls, too.")
    var media = false
    @Option(
        name: .customLong("anonymise"),
        help: ArgumentHelp(
            "Replace names, numbers, hosts and addresses in all output, the same everywhere; a key makes it repeatable.",
            valueName: "key"))
    var anonymise: String?
    @Flag(name: .customLong("write-secrets"), help: "With --keylog and -O FILE.pcapng: put the TLS secrets into it.")
    var secrets = false
    @Option(
        name: .customLong("stop"),
        help: ArgumentHelp("End after duration:N, filesize:N (KB), messages:N or dialogs:N.", valueName: "rule"))
    var stop: [String] = []

    func apply(to settings: inout Settings) throws(Failure) {
        settings.dialogFolder = self.folder
        if self.media {
            guard self.folder != nil else { throw Failure("--with-rtp needs --per-dialog") }
            settings.savesMedia = true
        }
        if let key = self.anonymise {
            settings.isAnonymous = true
            settings.anonymityKey = key.isEmpty ? nil : key
            guard !self.media, !self.secrets else {
                throw Failure("--anonymise leaves out media and secrets: not with --with-rtp or --write-secrets")
            }
        }
        settings.writesSecrets = self.secrets
        if self.secrets, settings.saving.map({ !$0.path.contains(".pcapng") }) ?? true {
            throw Failure("--write-secrets needs -O with a name that ends in .pcapng")
        }
        for text in self.stop { try settings.stopAfter.read(text) }
        if settings.stopAfter.bytes != nil, settings.saving == nil { throw Failure("--stop filesize needs -O") }
    }
}

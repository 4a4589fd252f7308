import SIPKit

/// What the command line asks for, checked and complete: the modes see nothing else.
struct SipsakOptions: Equatable, Sendable {
    // Where to.
    var uri: TargetURI?
    /// `-s` as written.
    var uriText: String?
    var outboundProxy: TargetURI?
    var remotePort: UInt16?
    var localPort: UInt16 = 0
    var localIP: IPAddress?
    var hostname: String?
    var usesFQDN = false
    var transport: TransportProtocol?
    var family: IPAddress.Family?

    // What.
    var traces = false
    var usrloc = false
    var invites = false
    var messages = false
    var floods = false
    var isRandom = false
    var filename: String?
    var fixesLineEnds = true
    var addsVia = true
    var replacesMarks = false
    var replacement: [MarkReplacement] = []
    var extraHeaders: String?
    var maxForwards: Int?
    var contact: ContactChoice = .own
    var expires = 15
    var begin: Int?
    var end: Int?
    var removalPercent = 0
    var messageBody: String?
    var disposition: String?
    var from: String?
    var trashCount: Int?

    // With whom.
    var password: String?
    var asksPassword = false
    var authUsername: String?
    var authHash: String?

    // How.
    var followsRedirects = true
    var timeoutFactor = 64
    var timerT1 = 500
    var runs = 0
    var sleep: SleepChoice?
    var processes = 1
    var isSymmetric = false

    // Telling.
    var verbosity = 0
    var extractsIP = false
    var search: String?
    var nagios = false
    var nagiosWarn: Int?
    var syslogLevel: Int?
    var showsHelp = false
    /// `--help` has a line of its own in front.
    var showsLongHelp = false
    var showsVersion = false

    // Ours.
    var json = false
    var pings = false
    /// `nil`: until Ctrl-C.
    var count: Int?
    var interval: Duration = .seconds(1)
    var timeout: Duration?
    /// Codes that count as good; `nil`: every 2xx.
    var goodCodes: Set<Int>?
    var hopDetail = false
    var mtr = false
    var prometheus: PrometheusPlace?
    var perfdata = false
    var thresholds = Thresholds()
    var strictExit = false
    var color = ColorChoice.auto
    var seed: UInt64?
    var calls = false
    var hold: Duration = .seconds(3)
    var answers = false
    var answerCode: Int?
    var ring: Duration = .zero
    var exporter: SocketAddress?
    var copyFile: String?
    var registerHold: Duration?
    /// What is printed instead of working: the man page or completions.
    var document: Document?
    var rateText: String?
    var duration = 10.0
    var rate: LoadPace?
    var concurrency: Int?
    var method: String?
    var headerLines: [String] = []
    var body: String?
    var contentType: String?
    var dryRun = false
    var passwordFile: String?
    var passwordVariable: String?
    var details = RequestDetails()
    var maxAuth = 3
    /// `nil`: every algorithm that we know.
    var authAlgorithms: [DigestAlgorithm]?
    var authQuality: DigestQuality?
    var deadline: Duration?
    var rings = false
    var quiet = false
    var csv = false
    var logFormat: LogFormat?
    /// Whether this run is a probe of ``Exporter``, beside others: signals are not its business.
    var isProbe = false
    var histogram = false
    var hep: SocketAddress?
    var unknownCode = false
    var hangsUp = false
    var dscp: UInt8?
    var media = MediaChoice.tone
    var subscribes = false
    var publishes = false
    var scenarioFile: String?
    var usersFile: String?
    var fuzz = FuzzOptions()
    var tls = TLSChoices()
    var lookup = LookupOptions()
    var identity = IdentityOptions()

    struct IdentityOptions: Equatable, Sendable {
        var keyFile: String?
        var certificateURL: String?
        var attestation = "A"
        /// Certificates whose signatures are trusted.
        var trusted: String?
    }
    var probes = 1
    var isParallel = false

    struct TLSChoices: Equatable, Sendable {
        var trustFile: String?
        var certificateFile: String?
        var keyFile: String?
        var ignoresFailure = false
        var serverName: String?
        var minimum: String?
        var showsFacts = false
        /// Days of warning and failure.
        var days: (warn: Int, fail: Int)?

        static func == (left: Self, right: Self) -> Bool {
            left.trustFile == right.trustFile && left.certificateFile == right.certificateFile
                && left.keyFile == right.keyFile && left.ignoresFailure == right.ignoresFailure
                && left.serverName == right.serverName && left.minimum == right.minimum
                && left.showsFacts == right.showsFacts && left.days?.warn == right.days?.warn
                && left.days?.fail == right.days?.fail
        }
    }

    struct LookupOptions: Equatable, Sendable {
        var server: SocketAddress?
        var asksServices = true
        var asksNAPTR = true
        /// Addresses that are given for a host and port; port 0 is every port.
        var overrides: [Override] = []
        /// Show the way and stop.
        var isShown = false
        var everyTarget = false
        var targetsFile: String?

        struct Override: Equatable, Sendable {
            let host: String
            let port: UInt16
            let ip: IPAddress
        }
    }

    struct FuzzOptions: Equatable, Sendable {
        var kinds: [Mutator.Kind] = []
        var crashFolder: String?
        var watch: Duration?
    }

    enum MediaChoice: Equatable, Sendable {
        case tone, none
        case file(String)
    }

    enum Document: Equatable, Sendable {
        case manual
        case completions(String)
    }

    enum PrometheusPlace: Equatable, Sendable {
        case standardOutput
        case file(String)
    }

    enum ColorChoice: Equatable, Sendable { case auto, always, never }

    /// Whether a final answer is what the user wants.
    func isGood(_ code: Int) -> Bool { self.goodCodes.map { $0.contains(code) } ?? (200...299 ~= code) }

    /// Whether the original's lines are to be printed: not where standard output belongs to a program.
    var printsText: Bool { !self.json && !self.csv && !self.quiet && self.prometheus != .standardOutput }

    enum ContactChoice: Equatable, Sendable {
        case own
        /// A query: no Contact header.
        case none
        case star
        case given(String)
    }

    enum SleepChoice: Equatable, Sendable {
        case milliseconds(Int)
        case random
    }

    init() {}
}

/// `$NAME$` and what comes in its place (`-g`).
struct MarkReplacement: Equatable, Sendable {
    let name: String
    let value: String
}

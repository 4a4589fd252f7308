import SIPTrace

/// Everything a run of sipgrep was asked to do, checked and free of the argument parser.
struct Settings: Sendable {
    enum Form: String, Sendable, CaseIterable {
        case classic, byline, normal, single, none, brief, raw, json, csv, fields, flow, report, stats, diff

        /// Those that `-W` takes.
        static let named: [Form] = [.classic, .byline, .normal, .single, .none, .brief, .raw]
    }
    /// An expression that one field must contain: `--from RE` and its like.
    struct Condition: Sendable, Equatable {
        var option: String
        var field: FilterField
        var expression: String
    }
    enum Clock: Sendable { case none, absolute, delta, deltaFromFirst }

    var match: String?
    var captureFilter: String?
    var files: [String] = []
    /// Captured on when there is no other input.
    var devices = ["any"]
    /// Who the program becomes when the devices are open.
    var user: String?
    var form = Form.classic
    var clock: Clock?
    var quiet = 0
    var isCaseless = false
    var isInverted = false
    var wholeWords = false
    var isHex = false
    var singleLine = false
    /// Look only at so many bytes of a message.
    var lookLimit: Int?
    var matchLimit: Int?
    var after = 0
    var before = 0
    var showsProtocolNumber = false
    var isHexDump = false
    var replacement: UInt8 = 0x2E
    var columns: Int?
    var isLineBuffered = false
    var saving: Saving?
    var listensTo: HEPAddress?
    var sendsTo: HEPAddress?
    /// Where a router's mirror (TZSP) is received.
    var mirrorsFrom: HEPAddress?
    var hepVersion = 3
    var hepAgent: UInt32 = 2002
    var hepName = ""
    var hepPassword = ""
    var snapLength: Int32 = 262_144
    var isPromiscuous = true
    var ringMegabytes: Int32 = 16
    var assumedLink: LinkType?
    var joinsSegments = true
    var opensTunnels = true
    var opensHEP = true
    /// Shows calls on a screen instead of printing messages, and how much memory they may take there.
    var isScreen = false
    var screenMemory = 256 << 20
    /// What to look for besides, and how it is told.
    var detects: Set<Alert.Kind> = []
    var alertFormat = AlertPrinter.Format.text
    /// Whether everything that leaves is anonymised, and under which key.
    var isAnonymous = false
    var anonymityKey: String?
    /// A folder that gets one file a dialog, and whether their media goes there too.
    var dialogFolder: String?
    var savesMedia = false
    var writesSecrets = false
    /// Figures every so many nanoseconds of the capture's time.
    var statisticsInterval: Int64 = 60_000_000_000
    /// Two messages or two calls to compare.
    var compared: [String] = []
    /// Texts of ngrep and its like to read.
    var texts: [String] = []
    /// Replays files at their own pace; shows what has no payload.
    var replays = false
    var showsEmpty = false
    /// Names beside addresses: a file of addresses and names, or "dns".
    var names: String?
    var memoryLimit: Int?
    var dialogLimit: Int?
    /// Colours by meaning.
    var isColoured = false
    /// Only T and U, as `ngrep` has them.
    var usesOldLetters = false
    var root: String?
    /// The end: nanoseconds, bytes saved, messages, dialogs.
    var stopAfter = StopRule()
    /// A file with the secrets of TLS connections.
    var keyLog: String?
    /// Files with RSA keys of servers.
    var privateKeys: [String] = []
    var explains = false
    var isStrict = false
    var countsOnly = false
    var conditions: [Condition] = []
    /// Filter expressions; all must hold.
    var filters: [String] = []
    /// Whether all messages of a call are shown when one matches, and which headers tie calls together.
    var wholeDialogs = false
    var correlators: [String] = []
    /// How far back `-g` looks on live input, in nanoseconds.
    var lookback: Int64 = 30_000_000_000
    var addsRaw = false
    var followsMedia = false
    /// Of the streams only the keys that were pressed.
    var tellsOnlyKeys = false
    /// Parameters of codecs for the opinion score.
    var codecs: [String: EModel.Codec] = [:]
    var flow = FlowPrinter.Format.text
    var isWide = false
    var report = ReportPrinter.Format.text
    var fieldColumns: [ColumnPrinter.Column] = []

    /// What the program needs before it keeps anything.
    static let baseMemory = 32 << 20
    /// What is left of the limit for tables of dialogs, and of media, which get one half each where there are both.
    private var tableMemory: Int? {
        self.memoryLimit.map { ($0 - Self.baseMemory) / (self.followsMedia || self.savesMedia ? 2 : 1) }
    }
    var mediaMemory: Int? { self.tableMemory }

    /// Dialogs that are kept in tables, as asked for; else as many as memory allows, at some 800 bytes each.
    var maximumDialogs: Int {
        self.dialogLimit ?? self.tableMemory.map { Swift.max(1000, $0 / 800) } ?? 1_000_000
    }

    /// The times that are shown when nothing was asked for: the old form had deltas.
    var effectiveClock: Clock { self.clock ?? (self.form == .classic ? .delta : .none) }
    /// Whether standard output belongs to the packets that are saved, so that nothing else may stand there.
    var isSilent: Bool { self.saving?.path == "-" }
    /// Whether a key log may still grow while packets come.
    var followsKeys: Bool { self.isLive || self.mirrorsFrom != nil }
    var isLive: Bool {
        self.files.isEmpty && self.texts.isEmpty && self.listensTo == nil && self.mirrorsFrom == nil
    }
}

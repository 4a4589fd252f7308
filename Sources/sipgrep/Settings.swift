import SIPTrace

/// Everything a run of sipgrep was asked to do, checked and free of the argument parser.
struct Settings: Sendable {
    enum Form: String, Sendable, CaseIterable { case classic, byline, normal, single, none, raw }
    enum Clock: Sendable { case none, absolute, delta, deltaFromFirst }

    var match: String?
    var captureFilter: String?
    var files: [String] = []
    var device: String?
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
    var showsProtocolNumber = false
    var isHexDump = false
    var replacement: UInt8 = 0x2E
    var columns: Int?
    var isLineBuffered = false
    var writeTo: String?
    var snapLength: Int32 = 262_144
    var isPromiscuous = true
    var ringMegabytes: Int32 = 16
    var assumedLink: LinkType?
    var joinsSegments = true
    var opensTunnels = true
    var opensHEP = true
    var explains = false
    var isStrict = false
    var countsOnly = false

    /// The times that are shown when nothing was asked for: the old form had deltas.
    var effectiveClock: Clock { self.clock ?? (self.form == .classic ? .delta : .none) }
    var isLive: Bool { self.files.isEmpty }
}

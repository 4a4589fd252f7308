internal import SIPKit

/// Reads messages out of text of any ``TextFormat``.
public struct TextTraceReader: ~Copyable {
    /// What ``next()`` found.
    public enum Kind: Sendable, Equatable {
        case message, keepAlive, fragment, other
        case icmp(type: UInt8, code: UInt8)
        /// A line of a server's log: ``log``.
        case log
    }

    private let textFormat: TextFormat
    private let isNgrep: Bool
    /// One of the two reads; the other has an empty source and costs nothing.
    private var ngrep: NgrepTextReader
    private var lines: LineReader
    private var format: any BlockFormat
    private var block = TextBlock()
    /// Messages in the order of time, of a format that has them in another.
    private var sorted: [TextBlock] = []
    private var sortedPlace = 0
    private let sorts: Bool
    private var isCollected = false
    public private(set) var kind = Kind.other
    public private(set) var damage: String? = nil

    /// A file whose messages have to be sorted is held in memory up to this size; what comes behind stays as it is.
    static let maxSorted = 192 << 20

    public init(_ source: TextSource, format: TextFormat, context: TextContext) {
        self.sorts = format == .sngrep
        self.textFormat = format
        self.isNgrep = format == .ngrep
        let nothing = TextSource(bytes: [])
        self.ngrep = NgrepTextReader(
            self.isNgrep ? source : nothing, input: context.input, zoneOffset: context.zoneOffset)
        self.lines = LineReader(self.isNgrep ? nothing : source)
        self.format =
            switch format {
            case .ngrep, .sngrep: SngrepFormat(context)
            case .sipdump: SipdumpFormat(context)
            case .asterisk: AsteriskFormat(context)
            case .freeswitch: FreeSWITCHFormat(context)
            case .sippMessages: SippMessageFormat(context)
            case .sippShort: SippShortFormat(context)
            case .json: JSONFormat(context)
            case .serverLog: ServerLogFormat(context)
            }
    }

    /// Goes on where another reader of the same text has stopped.
    ///
    /// - Parameter source: the bytes behind those that were read.
    public init(_ source: TextSource, from state: TextReaderState, context: TextContext) {
        self.init(source, format: state.format, context: context)
        if let kept = state.ngrep { self.ngrep.restore(kept) }
        if let kept = state.blocks { self.format = kept.format }
    }

    /// What another reader needs to go on behind the block that was read last; to be asked for between two blocks.
    public var state: TextReaderState {
        TextReaderState(
            format: self.textFormat, ngrep: self.isNgrep ? self.ngrep.kept : nil,
            blocks: self.isNgrep ? nil : .init(textFormat: self.textFormat, format: self.format))
    }

    /// Whether what TCP segments began stays with the reader (``state``) when the input ends.
    public var keepsRest: Bool {
        get { self.ngrep.keepsRest }
        set { self.ngrep.keepsRest = newValue }
    }

    /// Reads on after the end of the input, where there is more by now, and hands out what is incomplete.
    public mutating func goOn() {
        self.ngrep.goOn()
        self.lines.goOn()
    }

    /// - Returns: false at the end of the input.
    public mutating func next() -> Bool {
        if self.isNgrep { return self.nextOfNgrep() }
        guard self.sorts else { return self.nextBlock() }
        if !self.isCollected { self.collect() }
        if self.sortedPlace < self.sorted.count {
            self.block = self.sorted[self.sortedPlace]
            self.sorted[self.sortedPlace] = TextBlock()
            self.sortedPlace += 1
            self.kind = .message
            return true
        }
        return self.nextBlock()
    }

    private mutating func nextOfNgrep() -> Bool {
        guard self.ngrep.next() else { return false }
        switch self.ngrep.kind {
        case .message: self.kind = .message
        case .keepAlive: self.kind = .keepAlive
        case .icmp(let type, let code): self.kind = .icmp(type: type, code: code)
        case .fragment: self.kind = .fragment
        case .other: self.kind = .other
        }
        return true
    }

    private mutating func nextBlock() -> Bool {
        guard let block = self.format.next(&self.lines) else {
            self.damage = self.damage ?? self.format.note
            return false
        }
        self.block = block
        self.kind = block.log != nil ? .log : .message
        return true
    }

    private mutating func collect() {
        self.isCollected = true
        var bytes = 0
        while bytes < Self.maxSorted, self.nextBlock() {
            bytes += self.block.bytes.count + 200
            self.sorted.append(self.block)
        }
        if bytes >= Self.maxSorted {
            self.damage = "too long to be put in the order of its times: sorted up to \(Self.maxSorted >> 20) MB only"
        }
        var order = Array(self.sorted.indices)
        order.sort { (self.sorted[$0].origin.time, $0) < (self.sorted[$1].origin.time, $1) }
        self.sorted = order.map { self.sorted[$0] }
    }

    /// The bytes of the message, valid until the next call of ``next()``.
    public var payload: Span<UInt8> {
        @_lifetime(borrow self) get {
            self.isNgrep ? self.ngrep.payload : self.block.bytes.span
        }
    }

    public var origin: MessageOrigin { self.isNgrep ? self.ngrep.origin : self.block.origin }
    public var repairs: TextRepairs { self.isNgrep ? self.ngrep.repairs : self.block.repairs }
    /// The line of a server's log, where ``kind`` says that it is one.
    public var log: ServerLogRecord? { self.block.log }
    public var hasTimes: Bool { self.isNgrep ? self.ngrep.hasTimes : self.block.hasTime }
    public var hasDates: Bool { self.isNgrep ? self.ngrep.hasDates : self.block.hasDate }
    public var statistics: TextStatistics { self.isNgrep ? self.ngrep.statistics : self.format.statistics }
}

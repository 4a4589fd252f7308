import SIPKit
import SIPTrace

/// The messages of a capture, some at a time: those of one packet, then of the next.
struct CaptureMessages: ~Copyable {
    private(set) var reader: PcapFileReader
    private var extractor = MessageExtractor()
    private let tracker = MediaTracker()
    private let input: Int
    private var pending: [(origin: MessageOrigin, bytes: [UInt8])] = []
    private var head = 0
    private var hasRest = true
    /// How many packets were read.
    private(set) var packets = 0
    /// The packets' bytes with their heads.
    private(set) var bytes = 0

    init(_ reader: consuming PcapFileReader, input: Int) {
        self.reader = reader
        self.input = input
        self.extractor.media = self.tracker
    }

    var isEmpty: Bool { self.head >= self.pending.count }
    var media: [RTPStream] { self.tracker.streams }
    /// When the message at hand was captured, in nanoseconds since 1970; `nil` when there is none.
    var time: Int64? { self.isEmpty ? nil : self.pending[self.head].origin.time }

    /// Goes to the next message that was found.
    ///
    /// - Returns: false when there is none, and packets have to be read.
    mutating func step() -> Bool {
        self.head += 1
        if !self.isEmpty { return true }
        self.forget()
        return false
    }

    /// Lets go of what was found.
    mutating func forget() {
        self.pending.removeAll(keepingCapacity: true)
        self.head = 0
    }

    /// Reads a packet, in which there may be messages.
    ///
    /// - Returns: false when there is none.
    mutating func takePacket() -> Bool {
        guard let record = self.reader.next() else { return false }
        self.packets &+= 1
        self.bytes += record.count + 16
        Self.take(record, of: self.reader, self.input, &self.extractor, &self.pending)
        return true
    }

    private static func take(
        _ record: PacketRecord, of reader: borrowing PcapFileReader, _ input: Int, _ extractor: inout MessageExtractor,
        _ found: inout [(origin: MessageOrigin, bytes: [UInt8])]
    ) {
        var more: [(origin: MessageOrigin, bytes: [UInt8])] = []
        extractor.take(reader.bytes(record), record, input: input) { origin, payload in
            more.append((origin, payload.copy(ByteRange(0, payload.count))))
        }
        found += more
    }

    /// Gives out, once, what waited for packets that have not come.
    mutating func takeRest() {
        guard self.hasRest else { return }
        self.hasRest = false
        var found: [(origin: MessageOrigin, bytes: [UInt8])] = []
        self.extractor.finish { origin, payload in found.append((origin, payload.copy(ByteRange(0, payload.count)))) }
        self.pending += found
    }

    /// Hands on the message at hand.
    func deliver(to output: BatchWriter) {
        guard !self.isEmpty else { return }
        let next = self.pending[self.head]
        output.append(next.bytes.span, next.origin, hasTime: true)
    }
}

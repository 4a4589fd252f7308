import SIPKit

/// One RTP stream as seen at one place: what arrived, what was lost and how unevenly it came (RFC 3550 §6.4.1, A.1, A.8).
public struct RTPStream: Sendable, Codable {
    public let source: SocketAddress
    public let destination: SocketAddress
    public let ssrc: UInt32
    public internal(set) var payloadType: Int
    /// From the session description that announced it, or from the well-known numbers.
    public internal(set) var codec: String
    public internal(set) var clockRate: Int
    public internal(set) var firstTime: Int64
    public internal(set) var lastTime: Int64
    /// Packets that count: repeated ones do not.
    public internal(set) var packets = 0
    public internal(set) var duplicates = 0
    public internal(set) var reordered = 0
    /// Losses by length: one packet alone, two in a row, … ten or more. What came late after all is still in here.
    public internal(set) var lossRuns = [Int](repeating: 0, count: 10)
    /// Keys that were pressed (RFC 4733).
    public internal(set) var digits: [UInt8] = []

    /// What the receiver's last RTCP report says: how much was lost in all, the largest share of one interval (0 to 1),
    /// the jitter in milliseconds, the way there and back from the place of capture in nanoseconds.
    public struct Reported: Sendable, Equatable, Codable {
        public var reports = 0
        public var lost = 0
        public var largestLoss = 0.0
        public var jitter = 0.0
        public var roundTrip: Int64?
        /// The receiver's own rating and opinion score (RFC 3611).
        public var rating: Int?
        public var mos: Double?
    }
    public internal(set) var reported: Reported?
    /// Packets that hold digital silence only (G.711).
    public internal(set) var silentPackets = 0
    var beganWithEvent = false
    /// The number of its call at the tracker; -1 where it was not announced.
    var call: Int32 = -1

    var firstSequence: Int64
    var highest: Int64
    /// The last 64 sequence numbers that arrived, the highest in bit 0.
    private var window: UInt64 = 1
    private var transit: Int64?
    private var jitter = 0.0
    private var jitterSum = 0.0
    private var jitterLargest = 0.0
    private var jitterCount = 0
    private var lastEvent: UInt32?

    init(_ origin: MessageOrigin, _ header: RTPHeader, _ format: SDPMedia.Format) {
        self.source = origin.source
        self.destination = origin.destination
        self.ssrc = header.ssrc
        self.payloadType = header.payloadType
        self.codec = format.name
        self.clockRate = format.clockRate
        self.firstTime = origin.time
        self.lastTime = origin.time
        self.firstSequence = Int64(header.sequence)
        self.highest = Int64(header.sequence)
        self.packets = 1
    }

    public var expected: Int { Int(self.highest - self.firstSequence + 1) }
    public var lost: Int { Swift.max(0, self.expected - self.packets) }
    public var lossFraction: Double { self.expected > 0 ? Double(self.lost) / Double(self.expected) : 0 }
    /// Milliseconds.
    public var meanJitter: Double {
        self.jitterCount > 0 ? self.milliseconds(self.jitterSum / Double(self.jitterCount)) : 0
    }
    public var maximumJitter: Double { self.milliseconds(self.jitterLargest) }

    /// The mean length of a loss run, against what independent losses of the same rate would have: BurstR of G.107.
    public var burstRatio: Double {
        let runs = self.lossRuns.reduce(0, +)
        guard runs > 0, self.lossFraction < 1 else { return 1 }
        let packets = self.lossRuns.indices.reduce(0) { $0 + self.lossRuns[$1] * ($1 + 1) }
        return Swift.max(1, Double(packets) / Double(runs) * (1 - self.lossFraction))
    }

    /// Whether everything that was said is silence, over more than a second.
    public var isSilent: Bool { self.packets >= 50 && self.silentPackets == self.packets }

    public var quality: EModel.Quality? { self.quality([:]) }

    /// `nil` for codecs without parameters.
    func quality(_ codecs: [String: EModel.Codec]) -> EModel.Quality? {
        EModel.quality(
            codec: self.codec, loss: self.lossFraction, burstRatio: self.burstRatio,
            delay: 20 + 2 * self.meanJitter, codecs)
    }

    mutating func takeReport(_ block: RTCPPacket.ReportBlock, roundTrip: Int64?) {
        var reported = self.reported ?? Reported()
        reported.reports += 1
        reported.lost = block.cumulativeLost
        reported.largestLoss = Swift.max(reported.largestLoss, Double(block.fractionLost) / 256)
        reported.jitter = self.milliseconds(Double(block.jitter))
        reported.roundTrip = roundTrip ?? reported.roundTrip
        self.reported = reported
    }

    mutating func takeMetrics(_ metrics: RTCPPacket.VoIPMetrics) {
        var reported = self.reported ?? Reported()
        reported.rating = metrics.rating ?? reported.rating
        reported.mos = metrics.listeningMOS.map { Double($0) / 10 } ?? reported.mos
        self.reported = reported
    }

    mutating func takeFirst(isEvent: Bool, _ header: RTPHeader, _ payload: Span<UInt8>) {
        self.beganWithEvent = isEvent
        if isEvent { self.takeEvent(header, payload) } else { self.lookForSilence(payload) }
    }

    /// The quietest codes of the mu-law and the A-law (ITU-T G.711).
    private mutating func lookForSilence(_ payload: Span<UInt8>) {
        guard self.payloadType == 0 || self.payloadType == 8, payload.count > 0 else { return }
        let quiet: (UInt8, UInt8) = self.payloadType == 0 ? (0xFF, 0x7F) : (0xD5, 0x55)
        for index in payload.indices {
            let byte = payload[index]
            guard byte == quiet.0 || byte == quiet.1 else { return }
        }
        self.silentPackets += 1
    }

    private func milliseconds(_ ticks: Double) -> Double { ticks * 1000 / Double(Swift.max(1, self.clockRate)) }

    mutating func take(_ origin: MessageOrigin, _ header: RTPHeader, isEvent: Bool, _ payload: Span<UInt8>) {
        self.lastTime = Swift.max(self.lastTime, origin.time)
        // The 16 bits nearest to the highest number so far (RFC 3550 A.1).
        let step = Int64(Int16(truncatingIfNeeded: Int64(header.sequence) &- self.highest))
        if step > 0 {
            if step > 1 { self.lossRuns[Int(Swift.min(step - 1, 10)) - 1] += 1 }
            self.window = step >= 64 ? 1 : self.window << UInt64(step) | 1
            self.highest += step
            self.packets += 1
        } else {
            let bit = UInt64(-step)
            if bit < 64, self.window >> bit & 1 == 0 {
                self.window |= 1 << bit
                self.reordered += 1
                // A packet from before the first one extends the stream backwards.
                self.firstSequence = Swift.min(self.firstSequence, self.highest + step)
                self.packets += 1
            } else {
                self.duplicates += 1
                return
            }
        }
        if isEvent {
            self.takeEvent(header, payload)
        } else if header.payloadType == self.payloadType {
            self.takeJitter(origin.time, header.timestamp)
            self.lookForSilence(payload)
        }
    }

    private mutating func takeJitter(_ time: Int64, _ timestamp: UInt32) {
        let arrival = (time / 1000) &* Int64(self.clockRate) / 1_000_000
        let transit = Int64(Int32(truncatingIfNeeded: arrival &- Int64(timestamp)))
        defer { self.transit = transit }
        guard let before = self.transit else { return }
        let difference = Int32(truncatingIfNeeded: transit &- before)
        // A jump of many seconds is a new time base and no jitter.
        guard difference.magnitude < UInt32(clamping: self.clockRate * 5) else { return }
        self.jitter += (Double(difference.magnitude) - self.jitter) / 16
        self.jitterSum += self.jitter
        self.jitterLargest = Swift.max(self.jitterLargest, self.jitter)
        self.jitterCount += 1
    }

    /// All packets of one key press carry the same timestamp.
    private mutating func takeEvent(_ header: RTPHeader, _ payload: Span<UInt8>) {
        guard payload.count >= 4, self.lastEvent != header.timestamp, self.digits.count < 256 else { return }
        self.lastEvent = header.timestamp
        let keys = Array("0123456789*#ABCD".utf8)
        let event = payload.u8(0)
        self.digits.append(event < keys.count ? keys[event] : ASCII.question)
    }
}

/// The fixed header of an RTP packet (RFC 3550 §5.1).
struct RTPHeader {
    var payloadType: Int
    var sequence: UInt16
    var timestamp: UInt32
    var ssrc: UInt32
    /// Where the payload begins.
    var length: Int

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 12, bytes.u8(0) >> 6 == 2 else { return nil }
        // 192 to 223 are RTCP's packet types (RFC 5761 §4).
        guard !(192...223).contains(bytes.u8(1)) else { return nil }
        self.payloadType = bytes.u8(1) & 0x7F
        self.sequence = UInt16(truncatingIfNeeded: bytes.u16(2))
        self.timestamp = bytes.u32(4)
        self.ssrc = bytes.u32(8)
        var length = 12 + (bytes.u8(0) & 15) * 4
        if bytes.u8(0) & 0x10 != 0 { length += 4 + bytes.u16(length + 2) * 4 }
        guard length <= bytes.count else { return nil }
        self.length = length
    }
}

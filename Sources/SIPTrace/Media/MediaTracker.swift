import SIPKit

/// The RTP streams of a trace: announced by session descriptions, or recognised by their sequence numbers.
///
/// Looking one up is one hash, however many calls there are. Bounded in streams and in announcements.
public final class MediaTracker {
    private struct Key: Hashable {
        var destination: SocketAddress
        var source: SocketAddress
        var ssrc: UInt32
    }

    private struct Candidate {
        var sequence: UInt16
        var hits: Int
    }

    public static let maximumStreams = 50_000
    static let maximumAnnouncements = 200_000

    private var order: [RTPStream] = []
    private var places: [Key: Int] = [:]
    private var candidates: [Key: Candidate] = [:]
    private var announced: [SocketAddress: [SDPMedia.Format]] = [:]
    private var reading = MessageReading()
    /// Streams that were not followed because there were too many.
    public private(set) var overflow = 0

    public init() {}

    /// The streams in the order of their first packets.
    public var streams: [RTPStream] { self.order }

    /// Learns from a message where media will go.
    public func learn(_ message: Span<UInt8>) {
        self.reading.read(message)
        guard self.reading.isReadable, self.reading.hasSDP(message) else { return }
        if self.announced.count >= Self.maximumAnnouncements { self.announced.removeAll(keepingCapacity: true) }
        for section in SDPMedia.read(message, self.reading.index.body(message)) {
            guard let address = section.address, section.port > 0 else { continue }
            self.announced[SocketAddress(address, section.port)] = section.formats
        }
    }

    /// Takes a datagram that looks like RTP.
    ///
    /// - Returns: whether it belongs to a stream.
    @discardableResult
    public func take(_ origin: MessageOrigin, _ bytes: Span<UInt8>) -> Bool {
        guard let header = RTPHeader(bytes) else { return false }
        let key = Key(destination: origin.destination, source: origin.source, ssrc: header.ssrc)
        let formats = self.announced[origin.destination]
        let format = formats?.first { $0.payloadType == header.payloadType } ?? SDPMedia.wellKnown(header.payloadType)
        let isEvent = format.name.lowercased() == "telephone-event"
        if let place = self.places[key] {
            self.order[place].take(origin, header, isEvent: isEvent, bytes.part(header.length, bytes.count))
            return true
        }
        guard formats != nil || self.isRecognised(key, header) else { return false }
        guard self.order.count < Self.maximumStreams else {
            self.overflow += 1
            return false
        }
        self.places[key] = self.order.count
        self.order.append(RTPStream(origin, header, format))
        return true
    }

    /// Without an announcement: four packets whose numbers follow one another.
    private func isRecognised(_ key: Key, _ header: RTPHeader) -> Bool {
        if self.candidates.count >= 10_000 { self.candidates.removeAll(keepingCapacity: true) }
        var candidate = self.candidates[key] ?? Candidate(sequence: header.sequence, hits: 0)
        candidate.hits = header.sequence == candidate.sequence &+ 1 ? candidate.hits + 1 : 0
        candidate.sequence = header.sequence
        if candidate.hits >= 3 {
            self.candidates[key] = nil
            return true
        }
        self.candidates[key] = candidate
        return false
    }
}

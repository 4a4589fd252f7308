import SIPKit

/// The RTP streams of a trace: announced by session descriptions, or recognised by their sequence numbers; and what RTCP
/// reports about them.
///
/// Looking one up is one hash, however many calls there are. Bounded in streams, in announcements and in calls.
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

    private struct Announcement {
        var formats: [SDPMedia.Format]
        var call: Int32
    }

    /// Where the sides of a call listen, and whether both may send.
    private struct Call {
        var places: [SocketAddress] = []
        var isTwoWay = true
        var isAnswered = false
        /// When the first answer with a description passed by.
        var answered: Int64 = 0
        /// A private address that was announced to somebody outside.
        var hidden: SocketAddress?
        var hiddenFrom = SocketAddress(.anyV4, 0)
    }

    /// Bounds, unless ``limit(to:)`` sets smaller ones.
    public static let maximumStreams = 50_000
    static let maximumAnnouncements = 200_000
    /// Memory that one of them takes, in bytes, with its places in tables; measured.
    static let streamCost = 1200
    static let announcementCost = 700

    private var streamLimit = MediaTracker.maximumStreams
    private var announcementLimit = MediaTracker.maximumAnnouncements
    static let maximumPlaces = 8
    /// Less than half a second of speech proves nothing.
    static let enoughPackets = 25
    /// Two seconds without a sound after "hello" are noticed.
    static let lateness: Int64 = 2_000_000_000

    private var order: [RTPStream] = []
    private var places: [Key: Int] = [:]
    private var bySource: [UInt32: [Int]] = [:]
    private var candidates: [Key: Candidate] = [:]
    private var announced: [SocketAddress: Announcement] = [:]
    private var callIDs = ByteKeyTable()
    private var calls: [Call] = []
    /// When a sender's report passed by: for the way to the receiver and back.
    private var reportTimes: [UInt32: (clock: UInt32, time: Int64)] = [:]
    private var reading = MessageReading()
    /// Streams that were not followed because there were too many.
    public private(set) var overflow = 0
    public private(set) var rtcpPackets = 0
    /// Parameters of codecs beside those of the ITU, by name in capitals.
    public var codecs: [String: EModel.Codec] = [:]

    public init() {}

    /// Keeps the tables within so many bytes. To be called before anything is learnt.
    public func limit(to bytes: Int) {
        self.streamLimit = Swift.max(1000, Swift.min(Self.maximumStreams, bytes / 2 / Self.streamCost))
        self.announcementLimit =
            Swift.max(1000, Swift.min(Self.maximumAnnouncements, bytes / 2 / Self.announcementCost))
    }

    /// The streams in the order of their first packets.
    public var streams: [RTPStream] { self.order }

    /// The Call-ID of the call that announced a stream; empty when it was not announced.
    public func callID(_ stream: RTPStream) -> ArraySlice<UInt8> { self.callIDs[Int(stream.call)] }

    public func quality(_ stream: RTPStream) -> EModel.Quality? { stream.quality(self.codecs) }

    /// Learns from a message where media will go.
    ///
    /// - Parameter origin: where the message was seen; without it nothing is said about address translation and lateness.
    public func learn(_ message: Span<UInt8>, _ origin: MessageOrigin? = nil) {
        self.reading.read(message)
        guard self.reading.isReadable, self.reading.hasSDP(message) else { return }
        if self.announced.count >= self.announcementLimit {
            self.announced.removeAll(keepingCapacity: true)
            self.callIDs = ByteKeyTable()
            self.calls = []
        }
        let (number, isNew) = self.callIDs.insert(message, self.reading.callID)
        if isNew { self.calls.append(Call()) }
        if !self.reading.isRequest, (200..<300).contains(self.reading.status) {
            if !self.calls[number].isAnswered { self.calls[number].answered = origin?.time ?? 0 }
            self.calls[number].isAnswered = true
        }
        for section in SDPMedia.read(message, self.reading.index.body(message)) {
            guard let address = section.address, section.port > 0 else { continue }
            let place = SocketAddress(address, section.port)
            self.announced[place] = Announcement(formats: section.formats, call: Int32(truncatingIfNeeded: number))
            if section.direction != "sendrecv" || address.isAny { self.calls[number].isTwoWay = false }
            if let origin, address.isPrivate, Self.isOutside(origin.source.ip), self.calls[number].hidden == nil {
                self.calls[number].hidden = place
                self.calls[number].hiddenFrom = origin.source
            }
            if section.type == "audio", !self.calls[number].places.contains(place),
                self.calls[number].places.count < Self.maximumPlaces
            {
                self.calls[number].places.append(place)
            }
        }
    }

    /// Whether a datagram to this place is media of a call with this Call-ID; for writing a call's packets.
    public func callID(announcing destination: SocketAddress, or source: SocketAddress) -> ArraySlice<UInt8>? {
        var (destination, source) = (destination, source)
        for _ in 0..<2 {
            if let found = self.announced[destination] ?? self.announced[source] {
                return self.callIDs[Int(found.call)]
            }
            // RTCP goes one port higher.
            guard destination.port > 0, source.port > 0 else { return nil }
            destination.port -= 1
            source.port -= 1
        }
        return nil
    }

    /// Takes a datagram that looks like RTP or RTCP.
    ///
    /// - Returns: whether it belongs to a stream.
    @discardableResult
    public func take(_ origin: MessageOrigin, _ bytes: Span<UInt8>) -> Bool {
        if RTCPPacket.isRTCP(bytes) {
            self.takeReports(origin, bytes)
            return true
        }
        guard let header = RTPHeader(bytes) else { return false }
        let key = Key(destination: origin.destination, source: origin.source, ssrc: header.ssrc)
        let announcement = self.announced[origin.destination]
        if let place = self.places[key] {
            let isOther = header.payloadType != self.order[place].payloadType || self.order[place].beganWithEvent
            let isEvent = isOther && self.isEvent(header.payloadType, announcement)
            self.order[place].take(origin, header, isEvent: isEvent, bytes.part(header.length, bytes.count))
            return true
        }
        guard announcement != nil || self.isRecognised(key, header) else { return false }
        guard self.order.count < self.streamLimit else {
            self.overflow += 1
            return false
        }
        let format =
            announcement?.formats.first { $0.payloadType == header.payloadType }
            ?? SDPMedia.wellKnown(header.payloadType)
        self.places[key] = self.order.count
        self.bySource[header.ssrc, default: []].append(self.order.count)
        var stream = RTPStream(origin, header, format)
        stream.call = announcement?.call ?? self.announced[origin.source]?.call ?? -1
        stream.takeFirst(
            isEvent: self.isEvent(header.payloadType, announcement), header, bytes.part(header.length, bytes.count))
        self.order.append(stream)
        return true
    }

    private func isEvent(_ payloadType: Int, _ announcement: Announcement?) -> Bool {
        announcement?.formats.contains { $0.payloadType == payloadType && $0.name.lowercased() == "telephone-event" }
            ?? false
    }

    private func takeReports(_ origin: MessageOrigin, _ bytes: Span<UInt8>) {
        self.rtcpPackets += 1
        for packet in RTCPPacket.read(bytes) {
            switch packet {
            case .senderReport(let ssrc, let clock):
                if self.reportTimes.count >= self.streamLimit { self.reportTimes.removeAll(keepingCapacity: true) }
                self.reportTimes[ssrc] = (clock, origin.time)
            case .received(_, let block):
                guard let place = self.stream(block.ssrc, to: origin.source) else { continue }
                var trip: Int64?
                if let sent = self.reportTimes[block.ssrc], sent.clock == block.lastReport, block.lastReport != 0 {
                    let delay = Int64(block.delay) * 1_000_000_000 / 65_536
                    let measured = origin.time - sent.time - delay
                    if measured >= 0, measured < 60_000_000_000 { trip = measured }
                }
                self.order[place].takeReport(block, roundTrip: trip)
            case .metrics(let ssrc, let metrics):
                guard let place = self.stream(ssrc, to: origin.source) else { continue }
                self.order[place].takeMetrics(metrics)
            case .bye: break
            }
        }
    }

    /// The stream with this number that goes to where the report comes from; where only one has it, that one.
    private func stream(_ ssrc: UInt32, to receiver: SocketAddress) -> Int? {
        guard let places = self.bySource[ssrc] else { return nil }
        return places.first { self.order[$0].destination.ip == receiver.ip } ?? (places.count == 1 ? places[0] : nil)
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

    // MARK: What is wrong

    /// Calls whose media went one way only, was missing, was silent, came late or from elsewhere. Said only where the capture
    /// proves it: both sides announced one place each and wanted to send.
    public func findings() -> [MediaFinding] {
        var (arrives, leaves): ([SocketAddress: Int], [SocketAddress: Int]) = ([:], [:])
        var streamsTo: [SocketAddress: [Int]] = [:]
        for (index, stream) in self.order.enumerated() {
            arrives[stream.destination, default: 0] += stream.packets
            leaves[stream.source, default: 0] += stream.packets
            streamsTo[stream.destination, default: []].append(index)
        }
        var found: [MediaFinding] = []
        for (number, call) in self.calls.enumerated() where call.isTwoWay && call.isAnswered && call.places.count == 2 {
            let (first, second) = (call.places[0], call.places[1])
            let toFirst = Swift.max(arrives[first] ?? 0, leaves[second] ?? 0)
            let toSecond = Swift.max(arrives[second] ?? 0, leaves[first] ?? 0)
            let callID = Array(self.callIDs[number])
            if toFirst == 0, toSecond == 0 {
                // A capture without any media was taken without it.
                guard !self.order.isEmpty else { continue }
                found.append(
                    MediaFinding(
                        kind: .noMedia, callID: callID, sentence: "no media went to \(first) or to \(second)"))
            } else if toFirst == 0, toSecond >= Self.enoughPackets {
                found.append(Self.oneWay(callID, toSecond, to: second, not: first))
            } else if toSecond == 0, toFirst >= Self.enoughPackets {
                found.append(Self.oneWay(callID, toFirst, to: first, not: second))
            }
            if let late = self.late(call, streamsTo) {
                found.append(MediaFinding(kind: .late, callID: callID, sentence: late))
            }
        }
        for (number, call) in self.calls.enumerated() where call.isAnswered {
            guard let sentence = self.translation(call, streamsTo) else { continue }
            found.append(
                MediaFinding(kind: .addressTranslation, callID: Array(self.callIDs[number]), sentence: sentence))
        }
        for stream in self.order where stream.isSilent {
            let sentence = "all \(stream.packets) packets from \(stream.source) to \(stream.destination) are silence"
            found.append(MediaFinding(kind: .silent, callID: Array(self.callID(stream)), sentence: sentence))
        }
        return found
    }

    /// Which way it took long, where it did. A stream that began before the answer is early.
    private func late(_ call: Call, _ streamsTo: [SocketAddress: [Int]]) -> String? {
        guard call.answered > 0 else { return nil }
        var worst: (wait: Int64, place: SocketAddress)?
        for place in call.places {
            let enough = (streamsTo[place] ?? []).filter { self.order[$0].packets >= Self.enoughPackets }
            guard let first = enough.map({ self.order[$0].firstTime }).min() else { continue }
            let wait = first - call.answered
            if wait >= Self.lateness, wait > worst?.wait ?? 0 { worst = (wait, place) }
        }
        guard let worst else { return nil }
        let tenths = worst.wait / 100_000_000
        return "the first packet to \(worst.place) came \(tenths / 10).\(tenths % 10) s after the answer"
    }

    private func translation(_ call: Call, _ streamsTo: [SocketAddress: [Int]]) -> String? {
        if let hidden = call.hidden {
            return "\(call.hiddenFrom) announces \(hidden), which is private: nobody outside can send there"
        }
        guard call.isTwoWay, call.places.count == 2 else { return nil }
        for (place, other) in [(call.places[0], call.places[1]), (call.places[1], call.places[0])] {
            for index in streamsTo[place] ?? [] where self.order[index].packets >= Self.enoughPackets {
                let source = self.order[index].source
                if source.ip != other.ip {
                    return "media to \(place) comes from \(source), the other side announced \(other)"
                }
            }
        }
        return nil
    }

    private static func isOutside(_ ip: IPAddress) -> Bool { !ip.isPrivate && !ip.isLoopback && !ip.isAny }

    private static func oneWay(
        _ callID: [UInt8], _ packets: Int, to place: SocketAddress, not other: SocketAddress
    ) -> MediaFinding {
        MediaFinding(
            kind: .oneWay, callID: callID, sentence: "\(packets) packets to \(place), none to \(other)")
    }
}

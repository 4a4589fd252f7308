import SIPKit
import SIPTrace

/// One call as a picture shows it: the places it ran between, and each message as an arrow.
struct FlowCall {
    struct Event {
        var time: Int64
        /// Indices into ``places``.
        var from: Int
        var to: Int
        /// `INVITE (SDP)`, `407 Proxy Authentication Required`.
        var label: String
        /// What stands beside the arrow: the codecs of an offer or an answer.
        var note: String
        var isRequest: Bool
        var status: Int
        /// How often it was sent again right away.
        var repeats = 0
        /// A stream of media instead of a message.
        var isMedia = false
        /// The message, for outputs that show it.
        var text: [UInt8]
    }

    var callID: [UInt8]
    /// What people call the places.
    var names: NameTable?
    var places: [SocketAddress] = []
    var events: [Event] = []
    /// Events that were left out because there were too many.
    var omitted = 0

    /// A call with more messages than this is shown up to here.
    static let maximumEvents = 2000
    static let maximumPlaces = 12

    mutating func add(
        _ origin: MessageOrigin, _ message: Span<UInt8>, _ reading: MessageReading, isRepeated: Bool, keepsText: Bool
    ) {
        guard let from = self.place(origin.source), let to = self.place(origin.destination) else {
            self.omitted += 1
            return
        }
        let label = Self.label(message, reading)
        if isRepeated, let index = self.events.lastIndex(where: { $0.from == from && $0.to == to && $0.label == label })
        {
            self.events[index].repeats += 1
            return
        }
        guard self.events.count < Self.maximumEvents else {
            self.omitted += 1
            return
        }
        self.events.append(
            Event(
                time: origin.time, from: from, to: to, label: label, note: Self.note(message, reading),
                isRequest: reading.isRequest, status: reading.status,
                text: keepsText ? message.copy(ByteRange(0, message.count)) : []))
    }

    /// What stands over a lane.
    func title(_ place: SocketAddress) -> String { self.names?.text(place) ?? "\(place)" }

    /// A stream, as one thick arrow at the time of its first packet. Media has ports of its own: it is drawn at the lane of the
    /// same host, where there is one.
    mutating func add(_ stream: RTPStream, _ quality: EModel.Quality?) {
        guard self.events.count < Self.maximumEvents, let from = self.lane(stream.source),
            let to = self.lane(stream.destination)
        else {
            self.omitted += 1
            return
        }
        let label = "RTP \(Printable.text(stream.codec.utf8)) \(stream.packets)/\(stream.expected)"
        var note = "loss \(StreamLines.decimal(stream.lossFraction * 100)) %"
        note += " jitter \(StreamLines.decimal(stream.meanJitter)) ms"
        if let quality { note += " MOS \(StreamLines.decimal(quality.mos))" }
        if !stream.digits.isEmpty { note += " keys \(Printable.text(stream.digits))" }
        let event = Event(
            time: stream.firstTime, from: from, to: to, label: label, note: note, isRequest: true, status: 0,
            isMedia: true, text: Array("\(label), \(note)".utf8))
        // Behind everything that was seen before it.
        let place = self.events.firstIndex { $0.time > stream.firstTime } ?? self.events.count
        self.events.insert(event, at: place)
    }

    private mutating func lane(_ address: SocketAddress) -> Int? {
        self.places.firstIndex { $0 == address } ?? self.places.firstIndex { $0.ip == address.ip }
            ?? self.place(address)
    }

    private mutating func place(_ address: SocketAddress) -> Int? {
        if let known = self.places.firstIndex(of: address) { return known }
        guard self.places.count < Self.maximumPlaces else { return nil }
        self.places.append(address)
        return self.places.count - 1
    }

    static func label(_ message: Span<UInt8>, _ reading: MessageReading) -> String {
        guard reading.isReadable else { return "malformed" }
        var extras: [String] = []
        if reading.hasSDP(message) { extras.append("SDP") }
        if reading.index.contains(.authorization) || reading.index.contains(.proxyAuthorization) {
            extras.append("auth")
        }
        let suffix = extras.isEmpty ? "" : " (\(extras.joined(separator: ", ")))"
        if reading.isRequest { return Self.printable(message, reading.index.methodRange) + suffix }
        return "\(reading.status) \(Self.printable(message, reading.index.reason))\(suffix)"
    }

    static func note(_ message: Span<UInt8>, _ reading: MessageReading) -> String {
        guard reading.isReadable, reading.hasSDP(message) else { return "" }
        let media = SDPMedia.read(message, reading.index.body(message))
        let codecs = media.flatMap(\.formats).map(\.name).filter { $0.lowercased() != "telephone-event" }
        guard !codecs.isEmpty else { return "" }
        let names = codecs.prefix(4).map { Printable.text($0.utf8) }.joined(separator: " ")
        return (reading.isRequest ? "offer " : "answer ") + names
    }

    static func printable(_ message: Span<UInt8>, _ range: ByteRange) -> String { Printable.text(message.copy(range)) }
}

import SIPKit
import SIPTrace

/// What a filter can ask of the dialog that a message belongs to.
enum DialogField: String, CaseIterable, Sendable {
    case state, setup, duration, pdd, retransmits, messages, codec
    case oneWay = "one_way"
    case noMedia = "no_media"
    case lateMedia = "late_media"
    case nat
    case mos = "rtp.mos"
    case loss = "rtp.loss"
    case jitter = "rtp.jitter"

    /// How much finer than the unit people write a value is counted: seconds in thousandths, all else in hundredths.
    var scale: Int {
        switch self {
        case .setup, .duration, .pdd: 1000
        case .mos, .loss, .jitter: 100
        default: 1
        }
    }

    var isNumber: Bool {
        switch self {
        case .setup, .duration, .pdd, .retransmits, .messages, .mos, .loss, .jitter: true
        case .state, .codec, .oneWay, .noMedia, .lateMedia, .nat: false
        }
    }

    var needsMedia: Bool {
        switch self {
        case .codec, .oneWay, .noMedia, .lateMedia, .nat, .mos, .loss, .jitter: true
        default: false
        }
    }
}

/// What became of every dialog: of files, as a first reading found it; live, so far.
final class DialogFacts {
    private var tracker: DialogTracker
    private var reading = MessageReading()
    let media: MediaTracker?
    private var streams: [[UInt8]: [RTPStream]] = [:]
    private var findings: [[UInt8]: Set<MediaFinding.Kind>] = [:]

    init(media: MediaTracker?, maximumDialogs: Int) {
        self.media = media
        self.tracker = DialogTracker(maximumDialogs: maximumDialogs)
    }

    func take(_ origin: MessageOrigin, _ message: Span<UInt8>) {
        self.reading.read(message)
        self.tracker.take(origin, message, self.reading)
        self.media?.learn(message, origin)
    }

    /// After the last message: streams are put to their calls.
    func settle() {
        guard let media = self.media else { return }
        for stream in media.streams { self.streams[Array(media.callID(stream)), default: []].append(stream) }
        for finding in media.findings() { self.findings[finding.callID, default: []].insert(finding.kind) }
    }

    func value(_ field: DialogField, _ message: Span<UInt8>, _ callID: ByteRange) -> FieldValue {
        guard !callID.isEmpty, let number = self.tracker.find(message, callID) else { return .absent }
        let record = self.tracker.records[number]
        func milliseconds(_ time: Int64?) -> FieldValue { time.map { .number(Int($0 / 1_000_000)) } ?? .absent }
        switch field {
        case .state: return .text(Array("\(record.state.name)".utf8))
        case .setup: return milliseconds(record.setupTime)
        case .duration: return milliseconds(record.talkTime)
        case .pdd: return milliseconds(record.method == .invite ? record.postDialDelay : nil)
        case .retransmits: return .number(Int(record.repeated))
        case .messages: return .number(Int(record.messages))
        default: break
        }
        let call = message.copy(callID)
        let streams = self.streams[call] ?? []
        func hundredths(_ value: Double?) -> FieldValue { value.map { .number(Int(($0 * 100).rounded())) } ?? .absent }
        switch field {
        case .codec: return streams.first.map { .text(Array($0.codec.utf8)) } ?? .absent
        case .oneWay: return self.has(.oneWay, call)
        case .noMedia: return self.has(.noMedia, call)
        case .lateMedia: return self.has(.late, call)
        case .nat: return self.has(.addressTranslation, call)
        case .mos: return hundredths(streams.compactMap { self.media?.quality($0)?.mos }.min())
        case .loss: return hundredths(streams.map { $0.lossFraction * 100 }.max())
        case .jitter: return hundredths(streams.map(\.meanJitter).max())
        default: return .absent
        }
    }

    private func has(_ kind: MediaFinding.Kind, _ call: [UInt8]) -> FieldValue {
        self.findings[call]?.contains(kind) ?? false ? .text(Array("yes".utf8)) : .absent
    }
}

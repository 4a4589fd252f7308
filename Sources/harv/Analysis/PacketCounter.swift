import SIPKit
import SIPTrace

/// Counts packets by method, code, label and agent, and looks at nothing else: for `--classic=raw`, where a message that
/// passes twice counts twice.
///
/// Three headers are asked for, so the lines are walked through and not put into a table. Whatever is not written as
/// nearly everybody writes it is read with the table after all, so both ways count the same.
struct PacketCounter {
    private(set) var summary = Summary()
    private var index = MessageIndex()
    private let seed: UInt64
    /// Off in the test that compares both ways.
    private let isQuick: Bool

    init(seed: UInt64, isQuick: Bool = true) {
        self.seed = seed
        self.isQuick = isQuick
    }

    mutating func take(_ payload: Span<UInt8>) {
        if self.isQuick, let start = UsualStart(payload), let wanted = WantedHeaders(payload, from: start.next) {
            self.count(start)
            return self.count(payload, wanted.server, wanted.userAgent, wanted.hint)
        }
        guard (try? self.index.parse(payload)) != nil else {
            self.summary.messages.malformed += 1
            return
        }
        if !self.index.isRequest {
            self.summary.messages.addResponse(self.index.statusCode, .first, to: .other)
        } else if self.index.method == .other {
            self.summary.messages.addOther(Printable.text(payload.copy(self.index.methodRange)), .first)
        } else {
            self.summary.messages.addRequest(self.index.method, .first)
        }
        self.count(payload, self.index.first(.server), self.index.first(.userAgent), self.index.first(.pHint))
    }

    @inline(__always)
    private mutating func count(_ start: UsualStart) {
        if start.status > 0 {
            self.summary.messages.addResponse(start.status, .first, to: .other)
        } else {
            self.summary.messages.addRequest(start.method, .first)
        }
    }

    private mutating func count(
        _ payload: Span<UInt8>, _ server: ByteRange?, _ userAgent: ByteRange?, _ hint: ByteRange?
    ) {
        if let server { self.countAgent(payload, server, isServer: true) }
        if let userAgent { self.countAgent(payload, userAgent, isServer: false) }
        if let hint { _ = self.summary.hints.number(payload, hint, isRepeat: false) }
    }

    private mutating func countAgent(_ payload: Span<UInt8>, _ range: ByteRange, isServer: Bool) {
        let number = self.summary.agents.number(payload, range, seed: self.seed)
        self.summary.agents.count(number, isServer: isServer, isFirst: true)
    }

    mutating func note(_ note: MessageBatch.Note) {
        if case .input(let input, let text, _, _) = note {
            self.summary.inputs.append(input)
            self.summary.text.add(text)
        }
    }

    mutating func notePartial() { self.summary.isPartial = true }
}

/// A start line as nearly all are written: `SIP/2.0 200 OK`, or a known method, a URI and `SIP/2.0`.
struct UsualStart {
    /// 0 in a request.
    var status = 0
    var method = SIPMethod.other
    /// Where the first header line begins.
    var next: Int

    /// `nil` for every other line, which may be right all the same.
    @inline(__always)
    init?(_ bytes: Span<UInt8>) {
        let whole = ByteRange(0, bytes.count)
        guard let end = bytes.firstIndex(of: ASCII.lf, in: whole), end > 12, bytes[end - 1] == ASCII.cr else {
            return nil
        }
        self.next = end + 1
        if bytes.equals(ByteRange(0, 8), "SIP/2.0 ") {
            let (hundreds, tens, ones) = (bytes[8] &- 0x30, bytes[9] &- 0x30, bytes[10] &- 0x30)
            guard hundreds >= 1, hundreds <= 6, tens <= 9, ones <= 9, bytes[11] == ASCII.space else { return nil }
            self.status = Int(hundreds) * 100 + Int(tens) * 10 + Int(ones)
            return
        }
        guard bytes.equals(ByteRange(end - 9, end - 1), " SIP/2.0"),
            let blank = bytes.firstIndex(of: ASCII.space, in: ByteRange(0, end - 9)), blank + 1 < end - 9,
            bytes[blank + 1] != ASCII.space
        else { return nil }
        self.method = SIPMethod(parsing: bytes, ByteRange(0, blank))
        guard self.method != .other else { return nil }
    }
}

/// The three headers that SER's old script asked for, each the first of its name.
struct WantedHeaders {
    var server: ByteRange? = nil
    var userAgent: ByteRange? = nil
    var hint: ByteRange? = nil

    /// More lines than a usual message has; who has more is read with the table, which has its own limit.
    private static let maxLines = 64

    /// `nil` when a line is written so that the table has to tell what it is.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, from start: Int) {
        var at = start
        var lines = 0
        while at < bytes.count {
            let end = bytes.firstIndex(of: ASCII.lf, in: ByteRange(at, bytes.count)) ?? bytes.count
            let first = bytes[at]
            if first == ASCII.lf || first == ASCII.cr { return }
            lines += 1
            guard !ASCII.isBlank(first), lines <= Self.maxLines else { return nil }
            switch first | 0x20 {
            case 0x73: guard Self.take(bytes, at, end, "server", &self.server) else { return nil }
            case 0x75: guard Self.take(bytes, at, end, "user-agent", &self.userAgent) else { return nil }
            case 0x70: guard Self.take(bytes, at, end, "p-hint", &self.hint) else { return nil }
            default: break
            }
            at = end + 1
        }
    }

    /// Takes the value of a line when it has this name.
    ///
    /// - Returns: false when it must be read otherwise: blanks before the colon, a value that goes on in the next line.
    @inline(__always)
    private static func take(
        _ bytes: Span<UInt8>, _ at: Int, _ end: Int, _ name: StaticString, _ value: inout ByteRange?
    ) -> Bool {
        let colon = at + name.utf8CodeUnitCount
        guard value == nil, colon < end, bytes.equalsIgnoringCase(ByteRange(at, colon), name) else { return true }
        guard bytes[colon] == ASCII.colon else { return !ASCII.isBlank(bytes[colon]) }
        guard end + 1 >= bytes.count || !ASCII.isBlank(bytes[end + 1]) else { return false }
        var (from, to) = (colon + 1, end)
        while to > from, ASCII.isLWS(bytes[to - 1]) { to -= 1 }
        while from < to, ASCII.isLWS(bytes[from]) { from += 1 }
        value = ByteRange(from, to)
        return true
    }
}

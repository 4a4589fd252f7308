import Glibc
import SIPKit

/// Whether bytes are the beginning of a SIP message, decided by its first line.
///
/// More is taken for SIP than is valid: a request with a known method and a SIP URI but a wrong version is a malformed
/// message that someone wants to see, not "no SIP". Anything else needs `SIP/` at its right place.
enum SIPStart {
    enum Verdict: Equatable {
        case no
        /// The first line begins at the offset.
        case yes(Int)
        /// It may be one: the line is not complete.
        case undecided(Int)
    }

    /// A start line that is longer is none.
    static let longestLine = 8192
    /// Testers send methods of thousands of letters.
    static let longestMethod = 8000

    /// Looks at `bytes` from `start` on; empty lines before the start line are passed (RFC 3261 §7.5).
    static func look(_ bytes: Span<UInt8>, at start: Int) -> Verdict {
        var at = start
        while at < bytes.count, bytes[unchecked: at] == ASCII.cr || bytes[unchecked: at] == ASCII.lf { at &+= 1 }
        guard at < bytes.count else { return .undecided(at) }
        let first = bytes[unchecked: at]
        guard ASCII.isToken(first) else { return .no }
        if first | 0x20 == 0x73, let verdict = Self.statusLine(bytes, at) { return verdict }
        return Self.requestLine(bytes, at)
    }

    /// `SIP/2.0 200 …`; `nil` when it is no status line.
    private static func statusLine(_ bytes: Span<UInt8>, _ at: Int) -> Verdict? {
        let there = Swift.min(4, bytes.count - at)
        guard Self.hasPrefix(bytes, at, "sip/", there) else { return nil }
        var place = at + 4
        while place < bytes.count, place < at + 16, bytes[unchecked: place] != ASCII.space { place += 1 }
        while place < bytes.count, place < at + 24, bytes[unchecked: place] == ASCII.space { place += 1 }
        guard place + 3 <= bytes.count else { return bytes.count < at + 24 ? .undecided(at) : .no }
        for digit in place..<place + 3 where !ASCII.isDigit(bytes[unchecked: digit]) { return .no }
        return .yes(at)
    }

    private static func requestLine(_ bytes: Span<UInt8>, _ at: Int) -> Verdict {
        var place = at
        let last = Swift.min(bytes.count, at + Self.longestMethod)
        while place < last, ASCII.isToken(bytes[unchecked: place]) { place += 1 }
        guard place < last else { return place < at + Self.longestMethod ? .undecided(at) : .no }
        guard ASCII.isBlank(bytes[unchecked: place]), place > at else { return .no }
        let method = ByteRange(at, place)
        while place < bytes.count, ASCII.isBlank(bytes[unchecked: place]) { place += 1 }
        let limit = Swift.min(bytes.count, at + Self.longestLine)
        guard let end = bytes.firstIndex(ofByte: ASCII.lf, from: place, to: limit) else {
            guard limit < at + Self.longestLine else { return .no }
            return Self.couldBeSIP(bytes, method, place) ? .undecided(at) : .no
        }
        if Self.endsInVersion(bytes, place, end) { return .yes(at) }
        return Self.isKnown(bytes, method) && Self.isSIPURI(bytes, place) ? .yes(at) : .no
    }

    /// Whether the last word of the line is `SIP/…`.
    private static func endsInVersion(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var last = end
        while last > start, ASCII.isLWS(bytes[unchecked: last - 1]) { last -= 1 }
        var word = last
        while word > start, !ASCII.isBlank(bytes[unchecked: word - 1]) { word -= 1 }
        return last - word >= 5 && word > start && Self.hasPrefix(bytes, word, "sip/", 4)
    }

    /// A request whose first line has been cut (snap length, or more to come).
    static func couldBeSIP(_ bytes: Span<UInt8>, _ method: ByteRange, _ uri: Int) -> Bool {
        uri >= bytes.count || Self.isSIPURI(bytes, uri) || Self.isKnown(bytes, method)
    }

    /// Whether the bytes of a whole datagram that is cut inside its first line are a SIP request.
    static func isCutRequest(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        var place = start
        while place < bytes.count, ASCII.isToken(bytes[unchecked: place]) { place += 1 }
        guard place < bytes.count, bytes[unchecked: place] == ASCII.space else { return false }
        return Self.isKnown(bytes, ByteRange(start, place)) && Self.isSIPURI(bytes, place + 1)
    }

    private static func isSIPURI(_ bytes: Span<UInt8>, _ at: Int) -> Bool {
        ["sip:", "sips:", "tel:", "urn:", "<sip:"].contains { (scheme: StaticString) in
            bytes.count - at >= scheme.utf8CodeUnitCount
                && Self.hasPrefix(bytes, at, scheme, scheme.utf8CodeUnitCount)
        }
    }

    private static let methods: [StaticString] = [
        "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "INFO",
        "REFER", "UPDATE", "PRACK",
    ]

    private static func isKnown(_ bytes: Span<UInt8>, _ method: ByteRange) -> Bool {
        Self.methods.contains { bytes.equalsIgnoringCase(method, $0) }
    }

    /// Whether the first `count` bytes at `at` are those of the text, in either case.
    private static func hasPrefix(_ bytes: Span<UInt8>, _ at: Int, _ text: StaticString, _ count: Int) -> Bool {
        guard at >= 0, count >= 0, at &+ count <= bytes.count else { return false }
        return text.withUTF8Buffer { wanted in
            for index in 0..<Swift.min(count, wanted.count)
            where ASCII.lowercased(bytes[unchecked: at &+ index]) != wanted[index] { return false }
            return true
        }
    }
}

extension Span where Element == UInt8 {
    /// The first place of `byte` between two offsets, by the C library's vectorised search.
    @inline(__always)
    func firstIndex(ofByte byte: UInt8, from start: Int, to end: Int) -> Int? {
        let last = Swift.min(end, self.count)
        guard start >= 0, start < last else { return nil }
        return self.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(byte), last - start)
            else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }
}

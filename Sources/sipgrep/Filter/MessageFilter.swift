import SIPKit
import SIPPattern
import SIPTrace

/// A condition on a message: a tree of comparisons.
indirect enum MessageFilter {
    case all([MessageFilter])
    case any([MessageFilter])
    case not(MessageFilter)
    /// The field is there.
    case exists(FilterField)
    case equals(FilterField, [UInt8])
    case contains(FilterField, [UInt8])
    case matches(FilterField, BytePattern)
    case number(FilterField, ClosedRange<Int>)
    case inside(FilterField, IPAddress, Int)

    /// Whether the message satisfies it. A field that is not there satisfies nothing but a `not`.
    func accepts(
        _ origin: MessageOrigin, _ bytes: Span<UInt8>, _ reading: MessageReading, _ facts: DialogFacts? = nil
    ) -> Bool {
        switch self {
        case .all(let parts):
            for part in parts where !part.accepts(origin, bytes, reading, facts) { return false }
            return true
        case .any(let parts):
            for part in parts where part.accepts(origin, bytes, reading, facts) { return true }
            return false
        case .not(let part): return !part.accepts(origin, bytes, reading, facts)
        case .exists(let field): return field.value(origin, bytes, reading, facts) != .absent
        case .equals(let field, let text):
            return Self.withBytes(field.value(origin, bytes, reading, facts), bytes) { value in
                Self.equalIgnoringCase(value, text)
            }
        case .contains(let field, let text):
            return Self.withBytes(field.value(origin, bytes, reading, facts), bytes) { value in
                Self.contains(value, text)
            }
        case .matches(let field, let pattern):
            return Self.withBytes(field.value(origin, bytes, reading, facts), bytes) { value in pattern.matches(value) }
        case .number(let field, let range):
            guard case .number(let number) = field.value(origin, bytes, reading, facts) else { return false }
            return range.contains(number)
        case .inside(let field, let network, let length):
            guard case .ip(let ip) = field.value(origin, bytes, reading, facts) else { return false }
            return ip.unmapped.isInside(network, prefixLength: length)
        }
    }

    /// Which fields of dialogs it asks for.
    var dialogFields: [DialogField] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.dialogFields)
        case .not(let part): part.dialogFields
        case .exists(.dialog(let field)), .equals(.dialog(let field), _), .contains(.dialog(let field), _),
            .matches(.dialog(let field), _), .number(.dialog(let field), _):
            [field]
        default: []
        }
    }

    private static func withBytes(
        _ value: FieldValue, _ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Bool
    ) -> Bool {
        switch value {
        case .range(let range): return body(bytes.extracting(range.start..<Swift.min(range.end, bytes.count)))
        case .text(let text): return body(text.span)
        case .number(let number):
            let digits = Array(String(number).utf8)
            return body(digits.span)
        case .ip(let ip):
            let text = Array(ip.description.utf8)
            return body(text.span)
        case .absent: return false
        }
    }

    private static func equalIgnoringCase(_ value: Span<UInt8>, _ text: [UInt8]) -> Bool {
        guard value.count == text.count else { return false }
        for index in text.indices where ASCII.lowercased(value[index]) != ASCII.lowercased(text[index]) { return false }
        return true
    }

    private static func contains(_ value: Span<UInt8>, _ text: [UInt8]) -> Bool {
        guard !text.isEmpty else { return true }
        guard value.count >= text.count else { return false }
        for start in 0...value.count - text.count {
            var at = 0
            while at < text.count, ASCII.lowercased(value[start + at]) == ASCII.lowercased(text[at]) { at += 1 }
            if at == text.count { return true }
        }
        return false
    }
}

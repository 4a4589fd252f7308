import SIPKit

/// What a script can ask of a call (RFC 3880 §4).
struct CPLCall: Sendable {
    struct Address: Sendable {
        /// The display name; `nil` where there is none.
        var display: [UInt8]?
        var uri: [UInt8]
    }

    /// From.
    var origin: Address
    /// The Request-URI.
    var destination: Address
    /// To.
    var originalDestination: Address
    /// Values of headers; `nil` for one that the request does not have.
    var subject: [UInt8]?
    var organization: [UInt8]?
    var userAgent: [UInt8]?
    /// The ranges of Accept-Language, without `q` and without `*`; `nil` without the header.
    var languages: [[UInt8]]?
    var priority: [UInt8]?
    /// Seconds since 1970.
    var time: Int64

    // MARK: Comparing

    /// A part of an address, as the switch compares it; `nil` where the address has no such part.
    func part(_ wanted: CPLAddressSwitch) -> [UInt8]? {
        let address =
            switch wanted.field {
            case .origin: self.origin
            case .destination: self.destination
            case .originalDestination: self.originalDestination
            }
        guard let subfield = wanted.subfield else { return address.uri }
        if subfield == .display { return address.display.flatMap { $0.isEmpty ? nil : $0 } }
        guard let parts = try? URIRanges(parsing: address.uri.span, ByteRange(0, address.uri.count)) else { return nil }
        func bytes(_ range: ByteRange) -> [UInt8]? { range.isEmpty ? nil : Array(address.uri[range.indices]) }
        switch subfield {
        case .addressType: return bytes(parts.schemeName)
        case .tel where parts.scheme == .tel:
            return Array(address.uri[(parts.schemeName.end + 1)...].prefix { $0 != ASCII.semicolon })
        case _ where !parts.isSIP: return nil
        case .user: return bytes(parts.user).map(SIPURI.unescape)
        case .password: return bytes(parts.password)
        case .host: return bytes(parts.host)
        case .port: return Array(String(parts.port ?? 5060).utf8)
        case .tel:
            guard let kind = parts.parameter("user", in: address.uri.span),
                Self.equal(Array(address.uri[kind.indices]), Array("phone".utf8))
            else { return nil }
            return bytes(parts.user).map { SIPURI.unescape(Array($0.prefix { $0 != ASCII.semicolon })) }
        case .display: return nil
        }
    }

    func text(_ field: CPLStringField) -> [UInt8]? {
        switch field {
        case .subject: self.subject
        case .organization: self.organization
        case .userAgent: self.userAgent
        case .display: self.origin.display
        }
    }

    /// Whether one part of an address fits.
    static func matches(_ match: CPLTextMatch, _ value: [UInt8], _ wanted: CPLAddressSwitch) -> Bool {
        switch match {
        case .equals(let text) where wanted.subfield == nil: return Self.sameURI(text, value)
        case .equals(let text) where wanted.subfield == .tel: return Self.digits(text) == Self.digits(value)
        case .subdomain(let text) where wanted.subfield == .tel:
            return Self.digits(value).starts(with: Self.digits(text))
        case .subdomain(let text):
            guard value.count >= text.count, Self.equal(Array(value.suffix(text.count)), text) else { return false }
            return value.count == text.count || value[value.count - text.count - 1] == ASCII.dot
        default: return Self.matches(match, value)
        }
    }

    static func matches(_ match: CPLTextMatch, _ value: [UInt8]) -> Bool {
        switch match {
        case .equals(let text), .subdomain(let text): return Self.equal(text, value)
        case .contains(let text):
            guard !text.isEmpty else { return true }
            let (needle, hay) = (text.map(ASCII.lowercased), value.map(ASCII.lowercased))
            guard hay.count >= needle.count else { return false }
            return (0...(hay.count - needle.count)).contains { hay[$0...].starts(with: needle) }
        }
    }

    /// A caller who asks for a range understands each language below it: `en` is good for a script's `en-US`.
    func understands(_ tag: [UInt8]) -> Bool {
        (self.languages ?? []).contains { range in
            tag.count >= range.count && Self.equal(Array(tag.prefix(range.count)), range)
                && (tag.count == range.count || tag[range.count] == ASCII.minus)
        }
    }

    /// No header is normal, and so is a word that nobody knows (RFC 3880 §4.5).
    func matches(_ match: CPLPriorityMatch) -> Bool {
        let priority = self.priority.map { CPLPriority($0) ?? .normal } ?? .normal
        switch match {
        case .less(let limit): return priority < limit
        case .greater(let limit): return priority > limit
        case .equal(let wanted): return self.priority.map { CPLPriority($0) == wanted } ?? (wanted == .normal)
        case .equalText(let word): return self.priority.map { Self.equal($0, word) } ?? false
        }
    }

    static func sameURI(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard let one = try? SIPURI(parsing: left.span, ByteRange(0, left.count)),
            let other = try? SIPURI(parsing: right.span, ByteRange(0, right.count))
        else { return Self.equal(left, right) }
        return one.isEquivalent(to: other)
    }

    private static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.equalsIgnoringCase(right) }

    /// A telephone number without what only helps to read it (RFC 3966 §5.1.1).
    private static func digits(_ number: [UInt8]) -> [UInt8] {
        number.filter { !"-.() ".utf8.contains($0) }.map(ASCII.lowercased)
    }
}

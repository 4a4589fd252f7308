import SIPKit

/// A domain name as the resolver compares it: lower case, without the dot at the end, in presentation form.
public struct DNSName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let text: String

    /// - Returns: `nil` for what cannot be a name: empty labels, labels over 63 bytes, more than 253 bytes (RFC 1035
    ///   §2.3.4), or bytes that no host name of SIP has (RFC 3261 §25.1; `_` for services).
    public init?(_ bytes: some Collection<UInt8>) {
        var name = bytes.map(ASCII.lowercased)
        if name.last == ASCII.dot { name.removeLast() }
        guard !name.isEmpty, name.count <= 253 else { return nil }
        var label = 0
        for byte in name {
            if byte == ASCII.dot {
                guard label > 0 else { return nil }
                label = 0
                continue
            }
            guard ASCII.isAlphanumeric(byte) || byte == ASCII.minus || byte == UInt8(ascii: "_") else { return nil }
            label += 1
            guard label <= 63 else { return nil }
        }
        guard label > 0 else { return nil }
        self.text = String(decoding: name, as: UTF8.self)
    }

    public init?(_ text: String) { self.init(text.utf8) }

    public init(stringLiteral text: String) {
        guard let name = DNSName(text) else { preconditionFailure("\(text) is no domain name") }
        self = name
    }

    public var description: String { self.text }
}

import SIPKit

/// The key that a URI's user has in a location table (FUNCTIONS.md §5, RFC 3261 §10.3 step 5).
enum AddressOfRecord {
    /// The longest key; a longer one is refused.
    static let limit = 255

    /// `user`, or `user@domain` when the settings say so; escapes undone, in lower case unless case counts.
    ///
    /// - Throws: ``ParseError`` "user" `.missing` for a URI without one, `.tooLarge` for a long one.
    static func key(_ bytes: Span<UInt8>, _ uri: ByteRange, _ state: ProxyState) throws(ParseError) -> [UInt8] {
        try Self.key(bytes, try URIRanges(parsing: bytes, uri), state)
    }

    /// The same of a URI that was taken apart before.
    static func key(_ bytes: Span<UInt8>, _ parts: URIRanges, _ state: ProxyState) throws(ParseError) -> [UInt8] {
        guard parts.isSIP else {
            throw ParseError(.unsupported, "URI", expected: "sip: or sips:", found: bytes.copy(parts.whole))
        }
        guard !parts.user.isEmpty else { throw ParseError(.missing, "user") }
        var key: [UInt8] = []
        key.reserveCapacity(parts.user.count + parts.host.count + 1)
        // The settings are looked at where they lie: passed on, they would be copied.
        let isExact = state.settings.registrar.caseSensitive
        var at = parts.user.start
        while at < parts.user.end {
            var byte = bytes[at]
            if byte == ASCII.percent, at + 2 < parts.user.end, let high = ASCII.hexValue(bytes[at + 1]),
                let low = ASCII.hexValue(bytes[at + 2])
            {
                byte = high << 4 | low
                at += 2
            }
            key.append(isExact ? byte : ASCII.lowercased(byte))
            at += 1
        }
        if state.settings.registrar.useDomain {
            key.append(ASCII.at)
            let start = key.count
            for place in parts.host.indices { key.append(ASCII.lowercased(bytes[place])) }
            let prefix = state.settings.registrar.realmPrefix
            if !prefix.isEmpty, key.count - start > prefix.count, key[start...].starts(with: prefix) {
                key.removeSubrange(start..<(start + prefix.count))
            }
        }
        guard key.count <= Self.limit else {
            throw ParseError(.tooLarge, "user", expected: "at most \(Self.limit) bytes")
        }
        return key
    }
}

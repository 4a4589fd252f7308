/// When two URIs are one (RFC 3261 §19.1.4), and the one form an address-of-record is kept under (§10.3 step 5).
extension SIPURI {
    /// Equal as the RFC has it: the user by case, host and parameters not by case, escapes undone; `user`, `ttl`,
    /// `method` and `maddr` must be in both or in none; other parameters count only where both have them; a port
    /// that is not written is not 5060.
    public func isEquivalent(to other: SIPURI) -> Bool {
        guard self.isSecure == other.isSecure, self.port == other.port,
            self.hasSameHost(as: other),
            self.user.map(Self.normalize) == other.user.map(Self.normalize),
            self.password.map(Self.normalize) == other.password.map(Self.normalize)
        else { return false }
        for name in ["user", "ttl", "method", "maddr", "transport"]
        where !Self.sameValue(self.parameter(name), other.parameter(name)) { return false }
        for parameter in self.parameters {
            guard let twin = other.parameters.first(where: { $0.name.equalsIgnoringCase(parameter.name) }) else {
                continue
            }
            // Of several with one name the first counts, on both sides.
            let first = self.parameters.first { $0.name.equalsIgnoringCase(parameter.name) } ?? parameter
            guard Self.sameValue(first.value ?? [], twin.value ?? []) else { return false }
        }
        return Self.sortedHeaders(self.headers) == Self.sortedHeaders(other.headers)
    }

    /// Names by letters in either case, addresses by their number: an IPv6 address has many spellings (RFC 5954 §4.2).
    private func hasSameHost(as other: SIPURI) -> Bool {
        if self.host.equalsIgnoringCase(other.host) { return true }
        guard let address = self.address else { return false }
        return address == other.address
    }

    /// `user@host` with escapes undone and the host in lower case, without port and parameters: what a registrar
    /// looks its bindings up by.
    public var addressOfRecord: [UInt8] {
        var key = Self.unescape(self.user ?? [])
        key.append(ASCII.at)
        key += self.host.map(ASCII.lowercased)
        return key
    }

    /// `%41` as `A`; a percent sign without two hexadecimal digits stays.
    public static func unescape(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(ASCII.percent) else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            if bytes[at] == ASCII.percent, at + 2 < bytes.count, let high = ASCII.hexValue(bytes[at + 1]),
                let low = ASCII.hexValue(bytes[at + 2])
            {
                output.append(high << 4 | low)
                at += 3
            } else {
                output.append(bytes[at])
                at += 1
            }
        }
        return output
    }

    private static func sameValue(_ left: [UInt8]?, _ right: [UInt8]?) -> Bool {
        switch (left, right) {
        case (nil, nil): true
        case (let left?, let right?): Self.normalize(left).equalsIgnoringCase(Self.normalize(right))
        default: false
        }
    }

    /// Each header with its name in lower case, in one order: the order of headers does not matter.
    private static func sortedHeaders(_ headers: [UInt8]) -> [[UInt8]] {
        headers.split(separator: 0x26).map { header in
            let nameEnd = header.firstIndex(of: ASCII.equals) ?? header.endIndex
            return Self.normalize(header[..<nameEnd].map(ASCII.lowercased)) + Self.normalize(Array(header[nameEnd...]))
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Escapes undone but for the reserved characters, which mean something else when they stand bare (§19.1.4);
    /// those keep their escape, its digits in upper case.
    static func normalize(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(ASCII.percent) else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            guard bytes[at] == ASCII.percent, at + 2 < bytes.count, let high = ASCII.hexValue(bytes[at + 1]),
                let low = ASCII.hexValue(bytes[at + 2])
            else {
                output.append(bytes[at])
                at += 1
                continue
            }
            let byte = high << 4 | low
            if Self.isReserved(byte) {
                for digit in bytes[at..<(at + 3)] { output.append(digit >= 0x61 ? digit & 0xDF : digit) }
            } else {
                output.append(byte)
            }
            at += 3
        }
        return output
    }

    /// `;/?:@&=+$,` and the percent sign itself.
    private static func isReserved(_ byte: UInt8) -> Bool {
        switch byte {
        case ASCII.semicolon, ASCII.slash, ASCII.question, ASCII.colon, ASCII.at, 0x26, ASCII.equals, ASCII.plus, 0x24,
            ASCII.comma, ASCII.percent:
            true
        default: false
        }
    }
}

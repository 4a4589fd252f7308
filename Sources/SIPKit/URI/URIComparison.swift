/// When two URIs are one (RFC 3261 §19.1.4), and the one form an address-of-record is kept under (§10.3 step 5).
extension SIPURI {
    /// Equal as the RFC has it: the user by case, host and parameters not by case, escapes undone; `user`, `ttl`,
    /// `method` and `maddr` must be in both or in none; other parameters count only where both have them; a port
    /// that is not written is not 5060.
    public func isEquivalent(to other: SIPURI) -> Bool {
        guard self.isSecure == other.isSecure, self.port == other.port,
            self.host.equalsIgnoringCase(other.host),
            self.user.map(Self.unescape) == other.user.map(Self.unescape),
            self.password.map(Self.unescape) == other.password.map(Self.unescape)
        else { return false }
        for name in ["user", "ttl", "method", "maddr", "transport"]
        where !Self.sameValue(self.parameter(name), other.parameter(name)) { return false }
        for parameter in self.parameters {
            guard let twin = other.parameters.first(where: { $0.name.equalsIgnoringCase(parameter.name) }) else { continue }
            guard Self.sameValue(parameter.value ?? [], twin.value ?? []) else { return false }
        }
        return Self.sortedHeaders(self.headers) == Self.sortedHeaders(other.headers)
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
        case (let left?, let right?): Self.unescape(left).equalsIgnoringCase(Self.unescape(right))
        default: false
        }
    }

    private static func sortedHeaders(_ headers: [UInt8]) -> [[UInt8]] {
        headers.split(separator: 0x26).map { Self.unescape(Array($0)) }.sorted { $0.lexicographicallyPrecedes($1) }
    }
}

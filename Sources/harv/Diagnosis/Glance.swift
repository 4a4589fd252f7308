import SIPKit

/// A first look at a value: wrong in one direction only, so that most values need not be read.
enum Glance {
    /// Whether an address in a header may be private or local: false only when none is.
    static func mayBePrivate(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
        var at = range.start
        while at + 2 < range.end {
            let byte = bytes[at]
            // A host stands behind `sip:` or `@`.
            if byte == ASCII.at || byte == ASCII.colon, Self.mayBeginPrivate(bytes, at + 1) { return true }
            at += 1
        }
        return false
    }

    /// Whether the two bytes are those of 10., 100.64, 127., 169.254, 172.16, 192.168, or of an IPv6 address.
    private static func mayBeginPrivate(_ bytes: Span<UInt8>, _ place: Int) -> Bool {
        if bytes[place] == ASCII.openBracket { return true }
        guard bytes[place] == 0x31 else { return false }
        switch bytes[place + 1] {
        // `192.` and not `198.` is told by the third digit, which may be missing at the end.
        case 0x39: return place + 2 < bytes.count && bytes[place + 2] == 0x32
        case 0x30, 0x32, 0x36, 0x37: return true
        default: return false
        }
    }

    /// Whether the two URIs of SER's and Kamailio's noisy feedback (`in_uri=… out_uri=…`) have different hosts.
    static func namesTwoHosts(_ bytes: Span<UInt8>, _ warning: ByteRange) -> Bool {
        guard let asked = Self.host(bytes, warning, behind: "in_uri="),
            let shown = Self.host(bytes, warning, behind: "out_uri=")
        else { return false }
        return !bytes.equals(asked, bytes, shown)
    }

    private static func host(_ bytes: Span<UInt8>, _ line: ByteRange, behind key: StaticString) -> ByteRange? {
        guard let start = bytes.place(behind: key, in: line) else { return nil }
        var end = start
        while end < line.end, bytes[end] != ASCII.space, bytes[end] != ASCII.quote { end += 1 }
        return (try? URIRanges(parsing: bytes, ByteRange(start, end)))?.host
    }
}

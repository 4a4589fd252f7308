/// One entry of the way a request has taken (RFC 7044 §5).
public struct HistoryInfo: HeaderValue {
    /// How an entry came from another: a register contact, a mapping to another user, nothing changed.
    public enum Target: String, Sendable {
        case contact = "rc"
        case mapped = "mp"
        case unchanged = "np"
    }

    public var address: NameAddress

    /// - Parameter index: `1`, `1.1`, `1.2.1`: which place in the tree of targets.
    public init(_ address: NameAddress, index: String) {
        self.address = address
        self.address.parameters.set("index", index)
    }

    /// - Throws: ``ParseError`` "address"; "History-Info" `.missing` without an index, `.malformed` for one that is none.
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.address = try NameAddress(parsing: &cursor)
        guard let index = self.address.parameters["index"] else {
            throw ParseError(.missing, "History-Info", expected: "an index")
        }
        guard Self.numbers(of: index) != nil else {
            throw ParseError(.malformed, "History-Info", expected: "an index such as 1.2", found: index)
        }
    }

    public func write(to output: inout ByteWriter) { self.address.write(to: &output) }

    /// The index as numbers, outermost first.
    public var index: [UInt32] { self.address.parameters["index"].flatMap(Self.numbers) ?? [] }

    /// What made this entry, and the index of the entry it came from.
    public var target: (kind: Target, from: [UInt32])? {
        let parameters = self.address.parameters
        let found: (Target, [UInt8]?) =
            parameters.contains("rc")
            ? (.contact, parameters["rc"])
            : parameters.contains("mp") ? (.mapped, parameters["mp"]) : (.unchanged, parameters["np"])
        return found.1.map { (found.0, Self.numbers(of: $0) ?? []) }
    }

    /// Why the target was left: the Reason that the URI carries escaped (§5).
    public var reason: Reason? {
        guard let uri = try? self.address.sipURI() else { return nil }
        for header in uri.headers.split(separator: 0x26) {
            guard let equals = header.firstIndex(of: ASCII.equals),
                Array(header[..<equals]).equalsIgnoringCase(Array("reason".utf8))
            else { continue }
            let text = SIPURI.unescape(Array(header[(equals + 1)...]))
            var cursor = ByteCursor(text.span)
            return try? Reason(parsing: &cursor)
        }
        return nil
    }

    /// At most 32 levels: more are no way that a request has taken.
    private static func numbers(of index: [UInt8]) -> [UInt32]? {
        let parts = index.split(separator: ASCII.dot, omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.count <= 32 else { return nil }
        var all: [UInt32] = []
        for part in parts {
            let bytes = Array(part)
            guard let number = ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: UInt64(UInt32.max)) else {
                return nil
            }
            all.append(UInt32(truncatingIfNeeded: number))
        }
        return all
    }
}

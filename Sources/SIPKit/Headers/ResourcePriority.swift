/// One namespace and priority of a Resource-Priority or Accept-Resource-Priority: `dsn.flash` (RFC 4412 §3).
public struct ResourcePriority: HeaderValue {
    public var namespace: [UInt8]
    public var priority: [UInt8]

    public init(_ namespace: String, _ priority: String) {
        self.namespace = Array(namespace.utf8)
        self.priority = Array(priority.utf8)
    }

    /// - Throws: ``ParseError`` "Resource-Priority".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        let whole = try cursor.requireToken(of: "Resource-Priority", "namespace.priority")
        // Neither part has a dot in it (§3.1).
        let parts = whole.split(separator: ASCII.dot, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw ParseError(
                .malformed, "Resource-Priority", expected: "namespace.priority", found: whole, at: cursor.offset)
        }
        self.namespace = Array(parts[0])
        self.priority = Array(parts[1])
        try cursor.endValue(of: "Resource-Priority")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.namespace)
        output.write(byte: ASCII.dot)
        output.write(self.priority)
    }
}

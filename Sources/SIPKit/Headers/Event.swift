/// Which state a subscription is about (RFC 6665 §8.2.1).
public struct Event: HeaderValue {
    /// The package with its templates: `presence`, `presence.winfo`.
    public var package: [UInt8]
    public var parameters: ParameterList

    public init(_ package: String, id: String? = nil) {
        self.package = Array(package.utf8)
        self.parameters = ParameterList()
        if let id { self.parameters.set("id", id) }
    }

    /// - Throws: ``ParseError`` "Event".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.package = try cursor.requireToken(of: "Event", "an event package")
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endHeader(of: "Event")
    }

    public func write(to output: inout ByteWriter) {
        output.write(self.package)
        self.parameters.write(to: &output)
    }

    public var id: [UInt8]? { self.parameters["id"] }

    /// Whether both name one subscription: package and `id`, byte for byte (§8.2.1).
    public func isSame(as other: Event) -> Bool { self.package == other.package && self.id == other.id }
}

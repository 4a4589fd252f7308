/// How long a session lasts without a refresh, and who refreshes it (RFC 4028 §4).
public struct SessionExpires: HeaderValue {
    public enum Refresher: String, Sendable { case uac, uas }

    public var seconds: UInt32
    public var parameters: ParameterList

    public init(_ seconds: UInt32, refresher: Refresher? = nil) {
        self.seconds = seconds
        self.parameters = ParameterList()
        if let refresher { self.parameters.set("refresher", refresher.rawValue) }
    }

    /// - Throws: ``ParseError`` "Session-Expires".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        self.seconds = UInt32(truncatingIfNeeded: try cursor.requireNumber(of: "Session-Expires"))
        self.parameters = try ParameterList(parsing: &cursor)
        try cursor.endHeader(of: "Session-Expires")
    }

    public func write(to output: inout ByteWriter) {
        output.write(number: self.seconds)
        self.parameters.write(to: &output)
    }

    /// `nil` where none is named yet.
    public var refresher: Refresher? {
        self.parameters["refresher"].flatMap {
            Refresher(rawValue: String(decoding: $0.map(ASCII.lowercased), as: UTF8.self))
        }
    }
}

/// Names and values from the first byte on: P-Charging-Vector and P-Charging-Function-Addresses (RFC 7315 §5.5, §5.6).
public struct ChargingVector: HeaderValue {
    /// `icid-value`, `icid-generated-at`, `orig-ioi` …; `ccf`, `ecf` …
    public var parameters: ParameterList

    public init() { self.parameters = ParameterList() }

    /// - Throws: ``ParseError`` "P-Charging-Vector".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        let name = try cursor.requireToken(of: "P-Charging-Vector", "name=value")
        cursor.skipLWS()
        guard cursor.skip(ASCII.equals) else {
            throw ParseError(.malformed, "P-Charging-Vector", expected: "`=`", found: cursor.rest, at: cursor.offset)
        }
        cursor.skipLWS()
        let value =
            cursor.peek == ASCII.quote
            ? cursor.takeQuoted() ?? .none
            : cursor.take { $0 != ASCII.semicolon && $0 != ASCII.comma && !ASCII.isLWS($0) && $0 != ASCII.quote }
        let text = ParameterList.unfolded(cursor.copy(value))
        guard !text.isEmpty else {
            throw ParseError(
                .malformed, "P-Charging-Vector", expected: "a value", found: cursor.rest, at: cursor.offset)
        }
        let first = ParameterList.Parameter(name: name, value: text)
        self.parameters = try ParameterList(parsing: &cursor)
        self.parameters.items.insert(first, at: 0)
        try cursor.endValue(of: "P-Charging-Vector")
    }

    public func write(to output: inout ByteWriter) {
        var all = ByteWriter()
        self.parameters.write(to: &all)
        output.write(all.bytes.dropFirst())
    }

    /// `icid-value`: the one name of the call in all charging records.
    public var icid: [UInt8]? { self.parameters.content("icid-value") }
}

import CExpat

/// Reads an XML document into a tree, with expat.
///
/// Nothing is fetched whatever the DOCTYPE names, and a document that declares entities of its own is refused: a script
/// needs none, and they are how a small document becomes a huge one.
final class XMLReader {
    struct Limits: Sendable {
        var bytes = 65_536
        var depth = 100
        var elements = 5_000
    }

    private let limits: Limits
    private let parser: XML_Parser
    private var open: [XMLElement] = []
    private var root: XMLElement?
    private var count = 0
    private var failure: CPLError?

    /// - Throws: ``CPLError`` with line and column, for what is not well-formed and for what is beyond the limits.
    static func read(_ bytes: [UInt8], limits: Limits = Limits()) throws(CPLError) -> XMLElement {
        guard bytes.count <= limits.bytes else {
            throw CPLError("the script has \(bytes.count) bytes; \(limits.bytes) are allowed", line: 0, column: 0)
        }
        guard let parser = XML_ParserCreate(nil) else {
            throw CPLError("no memory for the XML parser", line: 0, column: 0)
        }
        return try XMLReader(parser, limits).read(bytes)
    }

    private init(_ parser: XML_Parser, _ limits: Limits) {
        self.parser = parser
        self.limits = limits
    }

    deinit { XML_ParserFree(self.parser) }

    private func read(_ bytes: [UInt8]) throws(CPLError) -> XMLElement {
        XML_SetUserData(self.parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            self.parser,
            { user, name, attributes in
                guard let name, let reader = XMLReader.of(user) else { return }
                reader.began(name, attributes)
            },
            { user, _ in XMLReader.of(user)?.ended() })
        XML_SetCharacterDataHandler(self.parser) { user, text, count in
            guard let text else { return }
            XMLReader.of(user)?.text(UnsafeBufferPointer(start: text, count: Int(count)))
        }
        XML_SetEntityDeclHandler(self.parser) { user, _, _, _, _, _, _, _, _ in
            XMLReader.of(user)?.stop("entities may not be declared in a script")
        }
        let status = bytes.withUnsafeBytes { raw in
            XML_Parse(
                self.parser, raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(truncatingIfNeeded: raw.count),
                1)
        }
        if let failure = self.failure { throw failure }
        guard status == XML_STATUS_OK, let root = self.root else {
            let code = XML_GetErrorCode(self.parser)
            let reason = XML_ErrorString(code).map { String(cString: $0) } ?? "error"
            throw self.error("the script is not well-formed XML: \(reason)\(Self.hint(code))")
        }
        return root
    }

    /// What mostly lies behind an error of expat.
    private static func hint(_ code: XML_Error) -> String {
        switch code {
        case XML_ERROR_XML_DECL: " (values are quoted, as in <?xml version=\"1.0\"?>)"
        case XML_ERROR_SYNTAX, XML_ERROR_INVALID_TOKEN:
            " (attribute values are quoted, names begin right behind '<')"
        default: ""
        }
    }

    private static func of(_ user: UnsafeMutableRawPointer?) -> XMLReader? {
        user.map { Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
    }

    private func error(_ message: String) -> CPLError {
        CPLError(
            message, line: Int(XML_GetCurrentLineNumber(self.parser)),
            column: Int(XML_GetCurrentColumnNumber(self.parser)) + 1)
    }

    private func stop(_ message: String) {
        if self.failure == nil { self.failure = self.error(message) }
        XML_StopParser(self.parser, XML_Bool(XML_FALSE))
    }

    private func began(
        _ name: UnsafePointer<XML_Char>, _ pairs: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
    ) {
        self.count += 1
        guard self.count <= self.limits.elements else { return self.stop("more than \(self.limits.elements) elements") }
        guard self.open.count < self.limits.depth else {
            return self.stop("elements inside one another more than \(self.limits.depth) deep")
        }
        var attributes: [XMLElement.Attribute] = []
        var place = 0
        while let pairs, let key = pairs[place], let value = pairs[place + 1] {
            attributes.append(XMLElement.Attribute(name: String(cString: key), value: String(cString: value)))
            place += 2
        }
        self.open.append(
            XMLElement(
                name: String(cString: name), attributes: attributes,
                line: Int(XML_GetCurrentLineNumber(self.parser)),
                column: Int(XML_GetCurrentColumnNumber(self.parser)) + 1))
    }

    private func ended() {
        guard let element = self.open.popLast() else { return }
        if self.open.isEmpty {
            self.root = element
        } else {
            self.open[self.open.count - 1].children.append(element)
        }
    }

    private func text(_ characters: UnsafeBufferPointer<XML_Char>) {
        let isBlank = characters.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        if !isBlank { self.stop("text between the elements of a script") }
    }
}

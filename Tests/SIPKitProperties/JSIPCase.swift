/// One case of the JAIN-SIP torture set: a message, a header or a URL, and whether an exception is expected.
public struct JSIPCase {
    public let message: [UInt8]?
    public let header: String?
    public let url: String?
    public let expectsException: Bool

    public init(_ path: String) {
        let text = Corpus.text(path)
        func section(_ name: String) -> String? {
            guard let begin = text.range("<\(name)>"), let open = text[begin...].range("<![CDATA["),
                let close = text[open...].rangeStart("]]>")
            else { return nil }
            return String(text[open..<close])
        }
        self.message = section("message").map { text in
            Array(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8)
        }
        self.header = section("sip-header")
        self.url = section("sip-url")
        self.expectsException = text.range("<expect-exception-callback") != nil
    }
}

extension Corpus {
    /// A file's message; those of jsip-torture stand inside XML.
    public static func message(_ path: String) -> [UInt8]? {
        path.hasSuffix(".xml") ? JSIPCase(path).message : Self.bytes(path)
    }
}

extension StringProtocol {
    /// Behind the first place of `needle`.
    fileprivate func range(_ needle: String) -> Index? {
        self.rangeStart(needle).map { self.index($0, offsetBy: needle.count) }
    }
    fileprivate func rangeStart(_ needle: String) -> Index? {
        var at = self.startIndex
        while at < self.endIndex {
            if self[at...].hasPrefix(needle) { return at }
            at = self.index(after: at)
        }
        return nil
    }
}

/// One Via value as coordinates in its message (RFC 3261 §20.42, RFC 3581).
public struct ViaRanges: Sendable, Equatable, BitwiseCopyable {
    /// From `SIP/2.0` to the end of the last parameter.
    public var whole: ByteRange
    public var transportName: ByteRange
    /// `nil` for a transport nobody knows.
    public var transport: TransportProtocol?
    /// `sent-by` without its port; IPv6 with its brackets.
    public var host: ByteRange
    public var port: UInt16?
    /// From the host to behind the port: a `received` goes right behind it.
    public var hostPort: ByteRange
    public var branch: ByteRange = .none
    public var received: ByteRange = .none
    /// The value of `rport`: empty where it stands without one. See ``hasRport``.
    public var rport: ByteRange = .none
    /// `;rport=…` from its semicolon on; empty where there is none.
    public var rportWhole: ByteRange = .none
    public var maddr: ByteRange = .none
    public var hasRport: Bool { !self.rportWhole.isEmpty }
    /// Whether a comma follows: another Via value stands in the same line.
    public var isFollowed = false

    /// What holds the place of a Via that has not been read: empty everywhere.
    public static let unread = ViaRanges()

    private init() {
        self.whole = .none
        self.transportName = .none
        self.transport = nil
        self.host = .none
        self.port = nil
        self.hostPort = .none
    }

    /// Reads one value and stops behind it (behind the comma, where one follows).
    ///
    /// - Throws: ``ParseError`` "Via".
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        cursor.skipLWS()
        let start = cursor.offset
        if cursor.remaining > 16, cursor.bytes.word(at: start) == Self.usualProtocol,
            cursor.bytes.word(at: start &+ 4) == Self.usualTransport
        {
            self.transportName = ByteRange(start &+ 8, start &+ 11)
            self.transport = .udp
            cursor.offset = start &+ 12
        } else {
            try Self.skipProtocol(&cursor)
            cursor.skipLWS()
            self.transportName = cursor.takeToken()
            guard !self.transportName.isEmpty else { throw Self.malformed(cursor, "a transport", start) }
            self.transport = TransportProtocol(parsing: cursor.bytes, self.transportName)
            guard let next = cursor.peek, ASCII.isLWS(next) else { throw Self.malformed(cursor, "a blank", start) }
        }
        cursor.skipLWS()
        let hostStart = cursor.offset
        if cursor.peek == ASCII.openBracket {
            _ = cursor.take { $0 != ASCII.closeBracket }
            guard cursor.skip(ASCII.closeBracket) else { throw Self.malformed(cursor, "a closing bracket", start) }
            guard IPAddress(parsing: cursor.bytes, ByteRange(hostStart, cursor.offset)) != nil else {
                throw Self.malformed(cursor, "an IPv6 address in brackets", start)
            }
        } else {
            cursor.offset = URIRanges.endOfHost(cursor.bytes, ByteRange(hostStart, cursor.end))
        }
        self.host = ByteRange(hostStart, cursor.offset)
        guard !self.host.isEmpty else { throw Self.malformed(cursor, "a host", start) }
        self.hostPort = self.host
        self.port = nil
        let afterHost = cursor.offset
        cursor.skipLWS()
        if cursor.skip(ASCII.colon) {
            cursor.skipLWS()
            guard let number = cursor.takeNumber(limit: 65_535) else { throw Self.malformed(cursor, "a port", start) }
            self.port = UInt16(truncatingIfNeeded: number)
            self.hostPort = ByteRange(hostStart, cursor.offset)
        } else {
            cursor.offset = afterHost
        }
        self.whole = .none
        // `;branch=` right behind the host, as nearly everybody writes it.
        if let branch = cursor.takeUsualParameter(0x3D68_636E_6172_623B, 8) {
            self.branch = branch
            // `;rport` as its last word, as nearly every client asks for it.
            if cursor.remaining == 6, cursor.bytes.equals(ByteRange(cursor.offset, cursor.end), ";rport") {
                self.rportWhole = ByteRange(cursor.offset, cursor.end)
                self.whole = ByteRange(start, cursor.end)
                cursor.offset = cursor.end
                return
            }
        }
        while let parameter = try cursor.nextParameter() {
            switch parameter.name.count {
            case 5:
                if cursor.bytes.equalsIgnoringCase(parameter.name, "rport") {
                    self.rport = parameter.value
                    self.rportWhole = parameter.whole
                } else if cursor.bytes.equalsIgnoringCase(parameter.name, "maddr") {
                    self.maddr = parameter.value
                }
            case 6: if cursor.bytes.equalsIgnoringCase(parameter.name, "branch") { self.branch = parameter.value }
            case 8: if cursor.bytes.equalsIgnoringCase(parameter.name, "received") { self.received = parameter.value }
            default: break
            }
        }
        self.whole = ByteRange(start, cursor.offset)
        // A comment may stand behind a Via; RFC 2543 allowed it and it is passed over.
        cursor.skipLWS()
        if cursor.peek == ASCII.openParen {
            _ = cursor.take { $0 != ASCII.closeParen }
            _ = cursor.skip(ASCII.closeParen)
            cursor.skipLWS()
        }
        guard !cursor.isAtEnd else { return }
        guard cursor.skip(ASCII.comma) else { throw Self.malformed(cursor, "`;`, `,` or the end", start) }
        self.isFollowed = true
    }

    /// `SIP/2.0/` and `2.0/UDP ` as ``Swift/Span/word(at:)`` reads them.
    private static var usualProtocol: UInt64 { 0x2F30_2E32_2F50_4953 }
    private static var usualTransport: UInt64 { 0x2050_4455_2F30_2E32 }

    /// Any protocol and version, blanks around the slashes: everything that is not written as nearly all write it.
    private static func skipProtocol(_ cursor: inout ByteCursor) throws(ParseError) {
        let start = cursor.offset
        for _ in 0..<2 {
            let part = cursor.takeToken()
            cursor.skipLWS()
            guard !part.isEmpty, cursor.skip(ASCII.slash) else {
                throw Self.malformed(cursor, "SIP/2.0/TRANSPORT", start)
            }
            cursor.skipLWS()
        }
    }

    /// Whether the branch begins with RFC 3261's magic cookie, so that it alone names the transaction (§17.2.3).
    public func hasMagicCookie(in bytes: Span<UInt8>) -> Bool {
        self.branch.count > 7
            && bytes.equalsIgnoringCase(ByteRange(self.branch.start, self.branch.start &+ 7), "z9hg4bk")
    }

    private static func malformed(_ cursor: borrowing ByteCursor, _ expected: String, _ start: Int) -> ParseError {
        ParseError(
            .malformed, "Via", expected: expected, found: cursor.copy(ByteRange(start, cursor.end)), at: cursor.offset)
    }
}

import SIPKit

/// A command of rtpproxy's control protocol (FUNCTIONS.md §12): words with blanks between, an answer of one line.
///
///     U[flags] CALL-ID ADDRESS PORT TAG[;MEDIUM] [TAG[;MEDIUM]]    an offer: a port for the other side
///     L[flags] CALL-ID ADDRESS PORT TAG[;MEDIUM] TAG[;MEDIUM]      an answer of a call that is known
///     D CALL-ID TAG [TAG]                                          the end
///     Q CALL-ID TAG [TAG]                                          seconds left, packets
///     V, VF DATE                                                   the protocol; whether it has what came at a date
///     I, X                                                         figures; the end of all calls
///
/// The first tag belongs to who has offered: in `U` to the sender of the SDP, in `L` to its receiver.
enum RTPProxyCommand: Sendable, Equatable {
    struct Party: Sendable, Equatable {
        var callID: [UInt8]
        var tag: [UInt8]
        var otherTag: [UInt8] = []
    }
    struct Stream: Sendable, Equatable {
        /// Behind the letter of the command.
        var flags: [UInt8] = []
        var party: Party
        /// `nil` where it is no address: on hold.
        var address: SocketAddress?
        /// From 1.
        var medium = 1
    }

    case version
    case feature([UInt8])
    case offer(Stream)
    case answer(Stream)
    case end(Party)
    case query(Party)
    case figures
    case endAll

    /// The protocol that all speak.
    static let baseVersion = "20040107"
    /// Extensions: several media streams.
    static let features: Set<String> = ["20040107", "20050322"]

    /// Reads a command.
    ///
    /// - Throws: ``ParseError`` "rtpproxy": `.unsupported` for a command that we have not, `.malformed` for wrong words.
    init(parsing words: [ArraySlice<UInt8>]) throws(ParseError) {
        func malformed() -> ParseError {
            ParseError(
                .malformed, "rtpproxy", expected: "a command with its words", found: words.first.map { Array($0) } ?? []
            )
        }
        guard let first = words.first, let letter = first.first else { throw malformed() }
        let flags = Array(first.dropFirst())
        func party(_ place: Int) throws(ParseError) -> Party {
            guard words.count > place else { throw malformed() }
            return Party(
                callID: Array(words[1]), tag: Self.tag(words[place]).text,
                otherTag: words.count > place + 1 ? Self.tag(words[place + 1]).text : [])
        }
        func stream() throws(ParseError) -> Stream {
            guard words.count > 4, let port = Self.number(words[3], limit: 65_535) else { throw malformed() }
            let host = Array(words[2])
            guard let ip = IPAddress(parsing: host.span, ByteRange(0, host.count)) else { throw malformed() }
            return Stream(
                flags: flags, party: try party(4),
                address: ip.isAny || port == 0 ? nil : SocketAddress(ip, UInt16(truncatingIfNeeded: port)),
                medium: Self.tag(words[4]).medium)
        }
        switch letter | 0x20 {
        case UInt8(ascii: "v") where flags.isEmpty: self = .version
        case UInt8(ascii: "v"):
            guard words.count > 1 else { throw malformed() }
            self = .feature(Array(words[1]))
        case UInt8(ascii: "u"): self = .offer(try stream())
        case UInt8(ascii: "l"): self = .answer(try stream())
        case UInt8(ascii: "d"): self = .end(try party(2))
        case UInt8(ascii: "q"): self = .query(try party(2))
        case UInt8(ascii: "i"): self = .figures
        case UInt8(ascii: "x"): self = .endAll
        default: throw ParseError(.unsupported, "rtpproxy", expected: "U, L, D, Q, V, I or X", found: Array(first))
        }
    }

    /// Its line, without a line end.
    var text: [UInt8] {
        var text: [UInt8] = []
        switch self {
        case .version: text.append("V")
        case .feature(let date):
            text.append("VF ")
            text += date
        case .offer(let stream), .answer(let stream):
            if case .offer = self { text.append("U") } else { text.append("L") }
            text += stream.flags
            text.append(ASCII.space)
            text += stream.party.callID
            text.append(ASCII.space)
            text += (stream.address?.ip ?? .anyV4).description.utf8
            text.append(ASCII.space)
            text.append(decimal: UInt64(stream.address?.port ?? 0))
            for tag in [stream.party.tag, stream.party.otherTag] where !tag.isEmpty {
                text.append(ASCII.space)
                text += tag
                text.append(ASCII.semicolon)
                text.append(decimal: UInt64(stream.medium))
            }
        case .end(let party), .query(let party):
            if case .end = self { text.append("D ") } else { text.append("Q ") }
            text += party.callID
            for tag in [party.tag, party.otherTag] where !tag.isEmpty {
                text.append(ASCII.space)
                text += tag
            }
        case .figures: text.append("I")
        case .endAll: text.append("X")
        }
        return text
    }

    /// Words that would be two, or none, cannot be told to an engine.
    static func isWord(_ text: [UInt8]) -> Bool {
        !text.isEmpty && text.count <= 512
            && text.allSatisfy { $0 > ASCII.space && $0 != 0x7F && $0 != ASCII.semicolon }
    }

    private static func tag(_ word: ArraySlice<UInt8>) -> (text: [UInt8], medium: Int) {
        guard let mark = word.lastIndex(of: ASCII.semicolon),
            let number = Self.number(word[(mark + 1)...], limit: 1_000),
            number > 0
        else { return (Array(word), 1) }
        return (Array(word[..<mark]), number)
    }

    private static func number(_ word: ArraySlice<UInt8>, limit: UInt64) -> Int? {
        let digits = Array(word)
        return ASCII.number(digits.span, ByteRange(0, digits.count), limit: limit).map { Int($0) }
    }

    /// The words of a line.
    static func words(_ line: some Collection<UInt8>) -> [ArraySlice<UInt8>] {
        Array(line).split { ASCII.isLWS($0) || $0 == 0 }
    }
}

/// The answer to a command: a port and maybe an address, or a number that says how it went.
struct RTPProxyReply: Sendable, Equatable {
    /// 0: nothing was found.
    var port: UInt16
    /// `nil`: the engine's own.
    var ip: IPAddress?

    /// Reads `35000 192.0.2.1`; `nil` for an error (`E…`) and for what is no answer.
    init?(parsing line: some Collection<UInt8>) {
        let words = RTPProxyCommand.words(line)
        guard let first = words.first.map({ Array($0) }),
            let port = ASCII.number(first.span, ByteRange(0, first.count), limit: 65_535)
        else { return nil }
        self.port = UInt16(truncatingIfNeeded: port)
        guard words.count > 1 else { return }
        let host = Array(words[1])
        self.ip = IPAddress(parsing: host.span, ByteRange(0, host.count))
    }
}

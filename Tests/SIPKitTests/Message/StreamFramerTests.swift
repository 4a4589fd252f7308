import SIPKit
import Testing

@Suite("Cutting a stream into messages (RFC 3261 §18.3)")
struct StreamFramerTests {
    /// Messages and pings in their order; a line end alone means nothing and is left out.
    private func frames(_ pieces: [ArraySlice<UInt8>]) throws -> [StreamFramer.Frame] {
        var framer = StreamFramer()
        var all: [StreamFramer.Frame] = []
        for piece in pieces {
            framer.feed(piece)
            while let frame = try framer.next() { if frame != .pong { all.append(frame) } }
        }
        return all
    }

    static let stream: [UInt8] = {
        let body = "line\r\n\r\nline\u{0}"
        let first = "MESSAGE sip:a SIP/2.0\r\nContent-Length: \(body.utf8.count)\r\nTo: x\r\n\r\n\(body)"
        let second = "OPTIONS sip:b SIP/2.0\r\nl:\r\n 0\r\n\r\n"
        let bare = "BYE sip:c SIP/2.0\nContent-Length: 2\n\nxy"
        return Array("\r\n\r\n\(first)\(second)\r\n\r\n\r\n\(bare)\n\(second)\r\n\(Sample.invite)\r\n\r\n".utf8)
    }()

    @Test("gives the same messages and pings wherever the stream is cut once")
    func cutOnce() throws {
        let whole = try self.frames([Self.stream[...]])
        #expect(whole.count == 8)
        for cut in Self.stream.indices {
            #expect(try self.frames([Self.stream[..<cut], Self.stream[cut...]]) == whole, "cut at \(cut)")
        }
    }

    @Test("gives the same messages and pings byte by byte and in random pieces")
    func pieces() throws {
        let whole = try self.frames([Self.stream[...]])
        #expect(try self.frames(Self.stream.indices.map { Self.stream[$0...$0] }) == whole)
        var random = SplitMix64(seed: 7)
        for _ in 0..<200 {
            var pieces: [ArraySlice<UInt8>] = []
            var at = 0
            while at < Self.stream.count {
                let end = Swift.min(Self.stream.count, at + Int.random(in: 1...60, using: &random))
                pieces.append(Self.stream[at..<end])
                at = end
            }
            #expect(try self.frames(pieces) == whole)
        }
    }

    @Test("tells a keep-alive from its answer (RFC 5626 §3.5.1)")
    func keepAlive() throws {
        var framer = StreamFramer()
        framer.feed(Array("\r\n\r\n".utf8))
        #expect(try framer.next() == .ping)
        #expect(try framer.next() == nil)
        framer.feed(Array("\r\n".utf8))
        #expect(try framer.next() == .pong)
        #expect(framer.pending == 0)
    }

    @Test(
        "gives up where the length of a message cannot be known",
        arguments: [
            ("OPTIONS sip:a SIP/2.0\r\n\r\n", ParseError(.missing, "Content-Length")),
            ("OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n", ParseError(.malformed, "Content-Length")),
            ("OPTIONS sip:a SIP/2.0\r\nContent-Length: 4294967328\r\n\r\n", ParseError(.outOfRange, "Content-Length")),
            ("OPTIONS sip:a SIP/2.0\r\nContent-Length: 1048577\r\n\r\n", ParseError(.tooLarge, "body")),
            ("OPTIONS sip:a SIP/2.0\r\nContent-Length: 5\r\nl: 6\r\n\r\n", ParseError(.duplicate, "Content-Length")),
            ("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", ParseError(.malformed, "start line")),
            ("\rX sip:a HTTP/2.0\r\n\r\n", ParseError(.malformed, "start line")),
        ])
    func refuses(text: String, error: ParseError) {
        var framer = StreamFramer()
        framer.feed(Array(text.utf8))
        #expect(throws: error) { while try framer.next() != nil {} }
        #expect(!framer.refusedHead.isEmpty, "the head is kept so that it can be answered")
    }

    @Test("takes two lengths that agree for one")
    func agreeing() throws {
        let text = Array("OPTIONS sip:a SIP/2.0\r\nContent-Length: 2\r\nl: 02\r\n\r\nxy".utf8)
        #expect(try self.frames([text[...]]) == [.message(text)])
    }

    @Test("stops waiting for the end of headers at its limit, line ends or none")
    func headLimit() {
        for filler in [[UInt8](repeating: 0x41, count: 1_000), Array(String(repeating: "a: b\r\n", count: 200).utf8)] {
            var framer = StreamFramer()
            #expect(throws: ParseError(.tooLarge, "headers")) {
                for _ in 0..<200 {
                    framer.feed(filler)
                    while try framer.next() != nil {}
                }
            }
            #expect(framer.pending < 70_000, "what waits is bounded")
        }
    }

    @Test("waits for a body that has not come yet")
    func waits() throws {
        var framer = StreamFramer()
        let text = Array("OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nab".utf8)
        framer.feed(text)
        #expect(try framer.next() == nil)
        framer.feed([0x63, 0x4F])
        #expect(try framer.next() == .message(text + [0x63]))
        #expect(framer.pending == 1)
    }
}

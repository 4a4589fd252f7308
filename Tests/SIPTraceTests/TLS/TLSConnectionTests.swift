import SIPKit
import Testing

@testable import SIPTrace

@Suite("A TLS connection as an observer sees it")
struct TLSConnectionTests {
    /// A handshake message: its type, three bytes of length, and the rest.
    private func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        [type, 0] + Captures.be16(body.count) + body
    }

    private func record(_ text: [UInt8]) -> [UInt8] { [22, 3, 1] + Captures.be16(text.count) + text }

    private func clientHello(_ random: UInt8) -> [UInt8] {
        self.message(1, [3, 3] + [UInt8](repeating: random, count: 32) + [0, 0, 2, 0, 0x9C, 1, 0])
    }

    @Test("begins anew with another client's random, also in the middle of a record, and ends well")
    func begunAnew() {
        let connection = TLSConnection()
        let finish = self.message(20, [1, 2, 3])
        for text in [
            self.clientHello(1) + self.clientHello(2), self.clientHello(3) + finish,
            self.clientHello(4) + self.clientHello(5) + self.clientHello(5) + finish,
        ] {
            let bytes = self.record(text)
            #expect(connection.step(bytes.span, from: 0, side: 0, nil) == .plain([], used: bytes.count))
        }
    }

    @Test("puts messages together that come in pieces, one behind a new beginning as well")
    func pieces() {
        let connection = TLSConnection()
        let text = self.clientHello(1) + self.clientHello(2)
        for cut in [1, 3, 4, 40, text.count / 2 + 2, text.count - 1] {
            for part in [text[..<cut], text[cut...]] {
                let bytes = self.record(Array(part))
                #expect(connection.step(bytes.span, from: 0, side: 1, nil) == .plain([], used: bytes.count))
            }
        }
    }

    @Test("takes thousands of empty messages in one record")
    func many() {
        let connection = TLSConnection()
        let bytes = self.record([UInt8](repeating: 0, count: 16_000))
        for _ in 0..<50 {
            #expect(connection.step(bytes.span, from: 0, side: 0, nil) == .plain([], used: bytes.count))
        }
    }
}

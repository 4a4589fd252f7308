import Testing

@testable import SIPKit

@Suite("The quick way to verify")
struct DigestRangesTests {
    static func line(_ change: (inout Credentials) -> Void = { _ in }) throws -> [UInt8] {
        var client = DigestClient(username: bytes("bob"), secret: .password(bytes("secret")))
        try client.challenged(
            challenges(#"Digest realm="r", nonce="f84f1cec41e6cbe5aea9c8e88d359", opaque="o", qop="auth""#), by: .server
        )
        var credentials = try #require(
            client.answers(method: bytes("REGISTER"), uri: bytes("sip:h"), body: [], clientNonce: bytes("c")).first
        ).credentials
        change(&credentials)
        var output = ByteWriter()
        credentials.write(to: &output)
        return output.bytes
    }

    static func verify(_ line: [UInt8], method: String = "REGISTER", password: String = "secret") throws -> Bool? {
        var cursor = ByteCursor(line.span)
        let ranges = try DigestRanges(parsing: &cursor)
        let ha1 = DigestAlgorithm.md5.hex(bytes("bob:r:\(password)"))
        return ranges.verify(line.span, method: bytes(method).span, ha1: ha1.span)
    }

    @Test("agrees with the plain one on right and wrong answers")
    func agrees() throws {
        #expect(try Self.verify(Self.line()) == true)
        #expect(try Self.verify(Self.line(), method: "INVITE") == false)
        #expect(try Self.verify(Self.line(), password: "wrong") == false)
        #expect(try Self.verify(Self.line { $0.count = bytes("00000002") }) == false)
        #expect(try Self.verify(Self.line { $0.response = [] }) == false)
        #expect(try Self.verify(Self.line { $0.response.append(0x30) }) == false)
        #expect(try Self.verify(Self.line { $0.uri = bytes("sip:eve") }) == false)
    }

    @Test("agrees with the plain one without a qop")
    func withoutQuality() throws {
        let ha1 = DigestAlgorithm.md5.hex(bytes("bob:r:secret"))
        let response = DigestResponse(
            algorithm: .md5, nonce: bytes("n"), method: bytes("REGISTER"), uri: bytes("sip:h"))
        let value = String(decoding: response.value(ha1: ha1), as: UTF8.self)
        let line = bytes(#"Digest username=bob,realm="r",nonce="n",uri="sip:h",response=\#(value)"#)
        #expect(try Self.verify(line) == true)
    }

    @Test("leaves escapes, other hashes, auth-int and very long values to the plain one")
    func leaves() throws {
        #expect(try Self.verify(Self.line { $0.username = bytes(#"b"b"#) }) == nil)
        #expect(try Self.verify(Self.line { $0.algorithmName = bytes("SHA-256") }) == nil)
        #expect(try Self.verify(Self.line { $0.qualityName = bytes("auth-int") }) == nil)
        #expect(try Self.verify(Self.line { $0.uri = .init(repeating: 0x61, count: 2000) }) == nil)
    }

    @Test("points at the same parts that the plain one reads, and refuses what it refuses")
    func parts() throws {
        let line = try Self.line()
        var cursor = ByteCursor(line.span)
        let ranges = try DigestRanges(parsing: &cursor)
        var second = ByteCursor(line.span)
        let plain = try Credentials(parsing: &second)
        #expect(line.span.copy(ranges.username) == plain.username)
        #expect(line.span.copy(ranges.realm) == plain.realm)
        #expect(line.span.copy(ranges.nonce) == plain.nonce)
        #expect(line.span.copy(ranges.uri) == plain.uri)
        #expect(line.span.copy(ranges.response) == plain.response)
        #expect(line.span.copy(ranges.clientNonce) == plain.clientNonce)
        #expect(line.span.copy(ranges.opaque) == plain.opaque)
        #expect(ranges.countNumber(line.span) == plain.countNumber)
        for count in 0..<line.count {
            let cut = Array(line[..<count])
            let quick = Self.kind(cut) { cursor throws(ParseError) in _ = try DigestRanges(parsing: &cursor) }
            let slow = Self.kind(cut) { cursor throws(ParseError) in _ = try Credentials(parsing: &cursor) }
            #expect(quick == slow, "cut at \(count)")
        }
    }

    static func kind(_ text: [UInt8], _ read: (inout ByteCursor) throws(ParseError) -> Void) -> ParseError.Kind? {
        var cursor = ByteCursor(text.span)
        do throws(ParseError) {
            try read(&cursor)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test("never traps on damaged input")
    func damage() throws {
        let line = try Self.line()
        var read = 0
        for index in line.indices {
            for byte in [0x00, 0x0A, 0x0D, 0x20, 0x22, 0x2C, 0x5C, 0x80, 0xFF] as [UInt8] {
                var damaged = line
                damaged[index] = byte
                if (try? Self.verify(damaged)) != nil { read += 1 }
            }
        }
        #expect(read > 0)
    }
}

import Testing

@testable import SIPKit

func challenges(_ text: String) -> [Challenge] { challenges(bytes(text)) }

func challenges(_ value: [UInt8]) -> [Challenge] {
    Challenge.all(in: value.span, ByteRange(0, value.count))
}

func written(_ challenge: Challenge) -> String {
    var output = ByteWriter()
    challenge.write(to: &output)
    return output.string
}

@Suite("A Digest challenge (RFC 7616 §3.3)")
struct ChallengeTests {
    @Test("is read with everything in it, unknown parameters kept")
    func full() throws {
        let challenge = try #require(
            challenges(
                #"Digest realm="a \"b\"", nonce="n1", opaque="o", stale=TRUE, algorithm=sha-256, "#
                    + #"qop="auth,auth-int,auth-x", userhash=true, charset=UTF-8, x="y,z""#
            ).first)
        #expect(challenge.realm == bytes(#"a "b""#))
        #expect(challenge.nonce == bytes("n1"))
        #expect(challenge.opaque == bytes("o"))
        #expect(challenge.isStale)
        #expect(challenge.algorithm == .sha256)
        #expect(challenge.qualities == [.auth, .authInt])
        #expect(challenge.wantsUserHash)
        #expect(challenge.others["charset"] == bytes("UTF-8"))
        #expect(challenge.others["x"] == bytes("y,z"))
    }

    @Test("without an algorithm means MD5, and a hash nobody knows is kept by its name")
    func algorithms() {
        #expect(challenges(#"Digest realm="a", nonce="n""#).first?.algorithm == .md5)
        let odd = challenges(#"Digest realm="a", nonce="n", algorithm=SHA3-999"#).first
        #expect(odd?.algorithm == nil)
        #expect(odd?.algorithmName == bytes("SHA3-999"))
    }

    @Test("stands beside others on one line, and other schemes are passed over")
    func several() {
        let found = challenges(
            #"Basic realm="x", Digest realm="a", nonce="1", algorithm=SHA-256, Digest realm="a",nonce="2", "#
                + #"NTLM targetname="t", Digest realm="b" , nonce="3""#)
        #expect(found.map(\.nonce) == [bytes("1"), bytes("2"), bytes("3")])
        #expect(found.map(\.algorithm) == [.sha256, .md5, .md5])
    }

    @Test("is refused without realm or nonce, with a parameter twice, with a quote left open")
    func refused() {
        for (text, error) in [
            (#"Digest nonce="n""#, ParseError(.missing, "realm of the challenge")),
            (#"Digest realm="n""#, ParseError(.missing, "nonce of the challenge")),
            (#"Digest realm="n", nonce="1", nonce="2""#, ParseError(.duplicate, "authentication parameter")),
            (#"Digest realm="n"#, ParseError(.truncated, "quoted string")),
            (#"Digest realm="n" nonce="1""#, ParseError(.malformed, "authentication parameter")),
            ("Bearer a=b", ParseError(.unsupported, "authentication scheme")),
            ("", ParseError(.unsupported, "authentication scheme")),
        ] {
            #expect(throws: error, "\(text)") { try Self.read(bytes(text)) }
        }
    }

    static func read(_ value: [UInt8]) throws(ParseError) {
        var cursor = ByteCursor(value.span)
        _ = try Challenge(parsing: &cursor)
    }

    @Test("comes out of reading what was written as it went in")
    func roundTrip() throws {
        let made = Challenge(
            realm: bytes(#"q"\r"#), nonce: bytes("n"), algorithm: .sha512t256Session, qualities: [.auth, .authInt],
            opaque: bytes("o"), isStale: true, wantsUserHash: true)
        #expect(challenges(written(made)) == [made])
        let read = try #require(challenges(#"Digest nonce="n",realm="r" ,q="1", stale=false"#).first)
        #expect(challenges(written(read)) == [read])
    }

    @Test("never lets a realm begin a header of its own")
    func injection() {
        let made = Challenge(realm: bytes("a\r\nX: y"), nonce: bytes("n"))
        #expect(!written(made).contains("\r") && !written(made).utf8.contains(10))
    }

    @Test("cut at every length or with any octet replaced gives a value or an error, never a trap")
    func damage() {
        let whole = bytes(
            #"Digest realm="a\"b", nonce="n", qop="auth,auth-int", stale=true, algorithm=MD5, Basic x="y""#)
        for count in 0...whole.count {
            let cut = Array(whole[..<count])
            #expect(challenges(cut).count <= 1)
        }
        for index in whole.indices {
            for byte in [0x00, 0x0A, 0x0D, 0x20, 0x22, 0x3B, 0x7F, 0x80, 0xFF, 0x5C] as [UInt8] {
                var damaged = whole
                damaged[index] = byte
                #expect(challenges(damaged).count <= 1)
            }
        }
    }
}

import Crypto
import SIPKit
import Testing

@testable import sipsak

@Suite("A signed caller")
struct PassportTests {
    private let key = P256.Signing.PrivateKey()
    private let passport = Passport(
        origin: "12155551212", destination: "sip:bob@example.org", issuedAt: 1000, attestation: "A", originID: "id")

    @Test("is read back as it was signed, by who has the key, within a minute")
    func roundTrip() throws {
        let value = Array(try self.passport.identity(key: self.key, certificate: "https://x/c.pem").utf8)
        let keys = [P256.Signing.PrivateKey().publicKey, self.key.publicKey]
        #expect(Passport.verify(value, keys: keys, now: 1030) == .valid(self.passport))
        #expect(
            Passport.verify(value, keys: [keys[0]], now: 1030) == .invalid("no key that is trusted has signed it"))
        #expect(Passport.verify(value, keys: keys, now: 1100) == .invalid("it is of another time (100 s ago)"))
        var forged = value
        forged[60] = forged[60] == 0x41 ? 0x42 : 0x41
        #expect(Passport.verify(forged, keys: keys, now: 1030) != .valid(self.passport))
    }

    @Test("cut off anywhere is no identity, and never a trap")
    func cut() throws {
        let value = Array(try self.passport.identity(key: self.key, certificate: "https://x/c.pem").utf8)
        let end = value.firstIndex(of: 0x3B) ?? value.count
        for length in 0..<end {
            if case .valid = Passport.verify(Array(value[..<length]), keys: [self.key.publicKey], now: 1000) {
                Issue.record("\(length) bytes are enough")
            }
        }
        _ = Passport.verify([0xFF, 0x2E, 0x2E], keys: [], now: 0)
    }

    @Test("numbers are numbers without their plus sign, other users are URIs")
    func parties() throws {
        #expect(Passport.party(try TargetURI.sip("sip:+1215@h", spelling: "")) == "1215")
        #expect(Passport.party(try TargetURI.sip("sip:bob@h", spelling: "")) == "sip:bob@h")
    }

    @Test("keys are found in PEM, and letters are bytes in both forms")
    func keys() {
        #expect(KeyFiles.keys(in: Array(self.key.publicKey.pemRepresentation.utf8)).count == 1)
        #expect(KeyFiles.keys(in: Array("-----BEGIN X-----\nAAAA\n-----END X-----\n".utf8)).isEmpty)
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 67 &+ 250) }
            #expect(Base64.bytes(Array(Base64.text(bytes).utf8)) == bytes)
        }
        #expect(Base64.bytes(Array("+/==".utf8)) == Base64.bytes(Array("-_".utf8)))
        #expect(Base64.bytes(Array("a!".utf8)) == nil)
    }
}

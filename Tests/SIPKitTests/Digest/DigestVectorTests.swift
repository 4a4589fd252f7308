import Foundation
import Testing

@testable import SIPKit

/// The shared corpus beside the package.
let digestVectors: URL = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.appendingPathComponent("../shared/corpus/digest-vectors/vectors.json").standardizedFileURL
}()

struct DigestVector: Decodable, Sendable, CustomTestStringConvertible {
    var id, username, password, realm, nonce, uri, method, expect: String
    var algorithm, qop, nc, cnonce, body: String?
    var testDescription: String { self.id }

    static let all: [DigestVector] = {
        guard let data = try? Data(contentsOf: digestVectors) else { return [] }
        return (try? JSONDecoder().decode([DigestVector].self, from: data)) ?? []
    }()
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite("Digest responses (RFC 7616 §3.4)")
struct DigestVectorTests {
    @Test("agree with the vectors of the corpus", .enabled(if: !DigestVector.all.isEmpty, "shared corpus absent"))
    func vectors() throws {
        #expect(DigestVector.all.count == 32)
        for vector in DigestVector.all {
            let name = bytes(vector.algorithm ?? "MD5")
            let known = DigestAlgorithm(parsing: name.span, ByteRange(0, name.count))
            let algorithm = try #require(known, "\(vector.id)")
            let response = DigestResponse(
                algorithm: algorithm, nonce: bytes(vector.nonce), method: bytes(vector.method), uri: bytes(vector.uri),
                quality: vector.qop.flatMap { DigestQuality(parsing: bytes($0)) }, count: bytes(vector.nc ?? ""),
                clientNonce: bytes(vector.cnonce ?? ""), body: bytes(vector.body ?? ""))
            let user = bytes(vector.username)
            let realm = bytes(vector.realm)
            let secret = DigestSecret.password(bytes(vector.password))
            let ha1 = try #require(secret.ha1(user: user, realm: realm, algorithm: algorithm))
            #expect(String(decoding: response.value(ha1: ha1), as: UTF8.self) == vector.expect, "\(vector.id)")
            // A stored hash gives what the password gives.
            let stored = DigestSecret.ha1(ha1, algorithm.base)
            #expect(stored.ha1(user: user, realm: realm, algorithm: algorithm) == ha1, "\(vector.id)")
        }
    }

    @Test("of RFC 7616 §3.9.1 come out for MD5 and SHA-256")
    func rfcExamples() {
        for (algorithm, expected) in [
            (DigestAlgorithm.md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (.sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let secret = DigestSecret.password(bytes("Circle of Life"))
            let ha1 = secret.ha1(user: bytes("Mufasa"), realm: bytes("http-auth@example.org"), algorithm: algorithm)
            let response = DigestResponse(
                algorithm: algorithm, nonce: bytes("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
                method: bytes("GET"),
                uri: bytes("/dir/index.html"), quality: .auth, count: bytes("00000001"),
                clientNonce: bytes("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"))
            #expect(String(decoding: response.value(ha1: ha1 ?? []), as: UTF8.self) == expected)
        }
    }
}

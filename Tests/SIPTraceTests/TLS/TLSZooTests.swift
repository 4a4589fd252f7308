import Foundation
import SIPKit
import Testing

@testable import SIPTrace

/// One small capture for each way a call can be encrypted, with its key log; the generator is not part of this repository.
@Suite("The TLS zoo", .enabled(if: SharedData.hasZoo, "shared generators absent"))
struct TLSZooTests {
    struct Animal: Decodable {
        let messages: Int
        let keylog: String
        let opensWithKey: Bool

        enum CodingKeys: String, CodingKey {
            case messages, keylog
            case opensWithKey = "rsa_key_opens"
        }
    }

    @Test("gives every message of every cipher suite, and none without the keys")
    func all() throws {
        let folder = try SharedData.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = SharedData.root.appending(path: "bench/make_tls_zoo.py").path
        let status = try SharedData.run("/usr/bin/env", ["python3", script, folder.path])
        try #require(status == 0)
        let manifest = try JSONDecoder().decode(
            [String: Animal].self, from: Data(contentsOf: folder.appending(path: "MANIFEST.json")))
        #expect(manifest.count >= 12)
        for (name, animal) in manifest {
            let path = folder.appending(path: name).path
            let keys = folder.appending(path: animal.keylog).path
            let isInside = !FileManager.default.fileExists(atPath: keys)
            #expect(try self.messages(path, isInside ? nil : keys) == animal.messages, "\(name)")
            if !isInside { #expect(try self.messages(path, nil) == 0, "\(name) without keys") }
            // The server's key opens what is sent encrypted with it, also where the handshake is bound to the secret.
            let key = folder.appending(path: "server.key").path
            guard !isInside else { continue }
            let opened = animal.opensWithKey ? animal.messages : 0
            #expect(try self.messages(path, nil, serverKey: key) == opened, "\(name) with the server's key")
        }
        #expect(manifest.values.count { $0.opensWithKey } >= 4)
    }

    @Test("refuses what is no RSA key in plain, and says what to do")
    func keys() throws {
        for text in ["", "x", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"] {
            let error = #expect(throws: CaptureError.self) { _ = try TLSPrivateKey(pem: text, name: "k.pem") }
            #expect(error?.description.contains("k.pem: an RSA key in PEM without a password is needed") ?? false)
        }
    }

    private func messages(_ path: String, _ keys: String?, serverKey: String? = nil) throws -> Int {
        var reader = try MessageReader([path])
        if let keys { try reader.useKeyLog(keys) }
        if let serverKey {
            let pem = try String(contentsOfFile: serverKey, encoding: .utf8)
            reader.usePrivateKey(try TLSPrivateKey(pem: pem, name: serverKey))
        }
        var found = 0
        // swift-format-ignore: ReplaceForEachWithForLoop
        reader.forEach { message in
            if message.transport == .tls || message.transport == .wss, (try? message.parsed()) != nil { found += 1 }
            return true
        }
        return found
    }
}

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
        }
    }

    private func messages(_ path: String, _ keys: String?) throws -> Int {
        var reader = try MessageReader([path])
        if let keys { try reader.useKeyLog(keys) }
        var found = 0
        // swift-format-ignore: ReplaceForEachWithForLoop
        reader.forEach { message in
            if message.transport == .tls || message.transport == .wss, (try? message.parsed()) != nil { found += 1 }
            return true
        }
        return found
    }
}

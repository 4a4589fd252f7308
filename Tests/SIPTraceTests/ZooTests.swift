import Foundation
import Testing

@testable import SIPTrace

/// One small capture for each way a call can be wrapped; the generator is not part of this repository.
@Suite("The encapsulation zoo", .enabled(if: SharedData.hasZoo, "shared generators absent"))
struct ZooTests {
    struct Animal: Decodable { let messages: Int }

    @Test("gives exactly the messages of its manifest, file by file")
    func all() throws {
        let folder = try SharedData.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = SharedData.root.appending(path: "bench/make_encap_zoo.py").path
        let status = try SharedData.run("/usr/bin/env", ["python3", script, folder.path])
        try #require(status == 0)
        let manifest = try JSONDecoder().decode(
            [String: Animal].self, from: Data(contentsOf: folder.appending(path: "MANIFEST.json")))
        #expect(manifest.count >= 126)
        for (name, animal) in manifest {
            var found = 0
            do {
                var reader = try MessageReader([folder.appending(path: name).path])
                // swift-format-ignore: ReplaceForEachWithForLoop
                reader.forEach { _ in
                    found += 1
                    return true
                }
            } catch {
                #expect(animal.messages == 0, "\(name): \(error)")
            }
            #expect(found == animal.messages, "\(name)")
        }
    }
}

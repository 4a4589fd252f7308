import Foundation
import Testing

@testable import SIPTrace

/// Captures from many projects, among them ones that were made to break readers.
@Suite("The corpus of captures", .enabled(if: SharedData.hasCorpus, "shared corpus absent"))
struct CorpusTests {
    private func count(_ path: String) -> TraceCounts? {
        guard var reader = try? MessageReader([path]) else { return nil }
        // swift-format-ignore: ReplaceForEachWithForLoop
        reader.forEach { message in
            _ = try? message.parsed()
            return true
        }
        return reader.counts
    }

    @Test("is read without failing when it is cut at 200 places")
    func cutAnywhere() throws {
        let folder = try SharedData.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "cut").path
        for file in SharedData.captures() {
            let bytes = try Data(contentsOf: file)
            // Large files would only repeat themselves.
            guard bytes.count < 200_000 else { continue }
            for step in 0..<200 {
                try bytes.prefix(bytes.count * step / 200).write(to: URL(filePath: path))
                _ = self.count(path)
            }
        }
        #expect(!SharedData.captures().isEmpty)
    }
}

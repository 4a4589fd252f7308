import Foundation
import Testing

@testable import SIPTrace

/// Captures from many projects, among them ones that were made to break readers.
@Suite("The corpus of captures", .enabled(if: SharedData.hasCorpus, "shared corpus absent"))
struct CorpusTests {
    private func count(_ path: String) -> TraceCounts? {
        guard var reader = try? MessageReader([path]) else { return nil }
        reader.followMedia(MediaTracker())
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
            let whole = self.count(file.path)?.messages ?? 0
            // Large files at fewer places: what is in them repeats itself.
            let places = bytes.count < 200_000 ? 200 : 50
            for step in 0..<places {
                try bytes.prefix(bytes.count * step / places).write(to: URL(filePath: path))
                let found = self.count(path)?.messages ?? 0
                #expect(found <= whole + 1, "\(file.lastPathComponent), cut at \(step) of \(places)")
            }
        }
        #expect(SharedData.captures().count >= 60)
    }
}

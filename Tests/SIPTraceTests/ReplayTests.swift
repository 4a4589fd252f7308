import Foundation
import Testing

/// What once broke a reader of traces, by the name of the fuzz target that found it.
@Suite("Inputs that once broke a reader of traces")
struct TraceReplayTests {
    @Test("are read to their end", arguments: TraceSubject.allCases)
    func replay(subject: TraceSubject) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Inputs/\(subject.rawValue)")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        for file in files { subject.examine(Array(try Data(contentsOf: file))) }
        // And some that anybody would try.
        for bytes in [[], [0], [UInt8](repeating: 0xFF, count: 300), Array(0...255)] as [[UInt8]] {
            subject.examine(bytes)
        }
    }
}

import Foundation

/// Files that lie beside the repository on machines that have them. A test that needs them is skipped elsewhere, and
/// says so.
enum SharedData {
    static let root: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared").standardizedFileURL

    static let hasCorpus = FileManager.default.fileExists(atPath: root.appending(path: "corpus/pcap-expected.tsv").path)
    static let hasZoo = FileManager.default.fileExists(atPath: root.appending(path: "bench/make_encap_zoo.py").path)

    /// The capture files of the corpus.
    static func captures() -> [URL] {
        let folder = Self.root.appending(path: "corpus")
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL]
        return (all ?? []).filter { ["pcap", "pcapng", "cap"].contains($0.pathExtension) }.sorted { $0.path < $1.path }
    }

    /// A folder of the test's own, removed by the caller.
    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "siptrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

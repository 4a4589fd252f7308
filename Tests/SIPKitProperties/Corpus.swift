import Glibc

/// The corpora beside the checkout (`../shared/corpus`), read by path; they are never copied into this repository.
public enum Corpus {
    public static let root: String = {
        // <root>/Tests/SIPKitProperties/Corpus.swift
        let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        for candidate in ["/\(package)/../shared/corpus", "/work/shared/corpus"] where access(candidate, R_OK) == 0 {
            return candidate
        }
        return "/\(package)/../shared/corpus"
    }()

    /// Whether the corpora are there; suites that need them are skipped by this name otherwise.
    public static let isPresent = access(Self.root + "/parser-votes.tsv", R_OK) == 0

    public static func bytes(_ path: String) -> [UInt8]? {
        let file = open("\(Self.root)/\(path)", O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        return count == bytes.count ? bytes : nil
    }

    public static func text(_ path: String) -> String {
        Self.bytes(path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The data files of a folder and its subfolders, by their path under the corpus, in order.
    public static func files(_ folder: String) -> [String] {
        guard let directory = opendir("\(Self.root)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") || name.hasSuffix(".md") || name.hasPrefix("README") || name.hasPrefix("LICENSE") {
                continue
            }
            if entry.pointee.d_type == UInt8(DT_DIR) {
                found += Self.files("\(folder)/\(name)")
            } else if !name.hasSuffix(".tsv") {
                found.append("\(folder)/\(name)")
            }
        }
        return found.sorted()
    }

    /// The rows of a table, without its heading, split at tabs.
    public static func table(_ path: String) -> [[String]] {
        Self.text(path).split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}

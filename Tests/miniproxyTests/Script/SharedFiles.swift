import Glibc
import Testing

@testable import miniproxy

/// Where the files of tests lie: scripts of our own beside the tests, the documents' listings in the shared corpus.
enum SharedFiles {
    private static let tests = String(#filePath.dropLast("/Script/SharedFiles.swift".utf8.count))
    static let scripts = Self.tests + "/Scripts"
    /// Beside the package.
    static let configurations: String? = {
        let parts = Self.tests.split(separator: "/").dropLast(3)
        let path = "/" + parts.joined(separator: "/") + "/shared/ser/configs"
        return (try? ScriptFile.read(path + "/hello-world.cfg")) == nil ? nil : path
    }()

    static func source(_ path: String) throws -> SourceText { try ScriptFile.read(path) }

    /// The names of the scripts of a folder, without `.cfg`.
    static func scripts(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".cfg") { names.append(String(name.dropLast(4))) }
        }
        return names.sorted()
    }

    /// A script of the documents.
    static func configuration(_ name: String) throws -> SourceText {
        try Self.source(try #require(Self.configurations) + "/" + name)
    }
}

extension LoadedScript {
    /// `error 7:16 bad-operator`, for each finding.
    var summary: [String] {
        self.diagnostics.map {
            let place = self.sources.location(of: $0.range)
            return "\($0.severity.rawValue) \(place.line):\(place.column) \($0.code.rawValue)"
        }
    }

    static func loading(_ text: String) -> LoadedScript {
        ScriptLoader().load(SourceText(name: "test.cfg", bytes: Array(text.utf8)))
    }
}

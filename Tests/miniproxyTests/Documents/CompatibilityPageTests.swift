import Glibc
import Testing

@testable import miniproxy

/// `docs/ser-compatibility.md` promises nothing that no test shows.
@Suite("The page of what works")
struct CompatibilityPageTests {
    struct Row: Sendable {
        let id: String
        let state: String
        let reason: String
        let tests: [String]
    }

    static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    static let rows: [Row] = {
        guard let page = try? ScriptFile.read(Self.root + "/docs/ser-compatibility.md") else { return [] }
        return String(decoding: page.bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            // A `|` inside of code is written `\|`.
            let cells = line.replacing("\\|", with: "\u{1}").split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.split(separator: " ").joined(separator: " ") }
            guard cells.count == 6, cells[1].first == "K" else { return nil }
            let tests = cells[4].split(separator: "`").map(String.init).filter { $0.contains(".") || $0.contains("/") }
            return Row(id: cells[1], state: cells[3], reason: cells[4], tests: tests)
        }
    }()

    /// `Suite.function` of every test in `Tests`.
    static let known: Set<String> = {
        var known: Set<String> = []
        for folder in Self.folders(below: Self.root + "/Tests") {
            for name in Self.names(in: folder) where name.hasSuffix(".swift") {
                guard let file = try? ScriptFile.read("\(folder)/\(name)") else { continue }
                var suite = ""
                for line in String(decoding: file.bytes, as: UTF8.self).split(separator: "\n") {
                    let words = line.split(whereSeparator: { " (:{<".contains($0) })
                    if line.hasPrefix("struct "), words.count > 1 { suite = String(words[1]) }
                    if words.first == "func", words.count > 1 { known.insert("\(suite).\(words[1])") }
                }
            }
        }
        return known
    }()

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func folders(below folder: String) -> [String] {
        var found = [folder]
        for name in Self.names(in: folder) where opendir("\(folder)/\(name)").map({ closedir($0) == 0 }) ?? false {
            found += Self.folders(below: "\(folder)/\(name)")
        }
        return found
    }

    @Test("has every row once, K001 to K177")
    func complete() {
        let wanted = (1...177).map { "K" + String(repeating: "0", count: 3 - String($0).count) + String($0) }
        #expect(Self.rows.map(\.id) == wanted)
    }

    @Test("names tests that are there, for every row that works, and for no other", arguments: Self.rows)
    func row(_ row: Row) {
        switch row.state {
        case "works":
            #expect(!row.tests.isEmpty, "\(row.id) works, and no test shows it")
            for test in row.tests {
                let isThere =
                    test.hasPrefix("EndToEnd/")
                    ? access("\(Self.root)/Tests/\(test)", F_OK) == 0 : Self.known.contains(test)
                #expect(isThere, "\(row.id): there is no test \(test)")
            }
        case "not yet": #expect(row.tests.isEmpty, "\(row.id) names a test and does not work yet")
        case "left out":
            #expect(row.tests.isEmpty && !row.reason.isEmpty, "\(row.id) is left out for no reason, or is not")
        default:
            Issue.record("\(row.id): the state is `works`, `not yet` or `left out`, here it is `\(row.state)`")
        }
    }
}

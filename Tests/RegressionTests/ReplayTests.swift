import Glibc
import SIPKitProperties
import Testing

/// Every input that once broke something, by what it broke: `Inputs/<subject>/<name>`.
@Suite("Inputs that once broke something")
struct ReplayTests {
    static let folder = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Inputs"

    static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func bytes(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        return Array(bytes.prefix(Swift.max(0, count)))
    }

    @Test("are read now, and what must hold holds", arguments: Subject.allCases)
    func replays(subject: Subject) {
        for name in Self.names("\(Self.folder)/\(subject.rawValue)") {
            let bytes = Self.bytes("\(Self.folder)/\(subject.rawValue)/\(name)")
            #expect(throws: Never.self, "\(subject.rawValue)/\(name)") { try subject.examine(bytes) }
        }
    }

    @Test("are there, in folders that have a subject's name")
    func folders() {
        let folders = Self.names(Self.folder)
        #expect(!folders.isEmpty)
        for folder in folders { #expect(Subject(rawValue: folder) != nil, "\(folder)") }
    }
}

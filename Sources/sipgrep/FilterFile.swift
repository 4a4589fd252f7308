import Glibc
import SIPKit

/// `-F FILE`: the capture filter is the file's first line.
enum FilterFile {
    /// - Throws: ``Failure`` when the file cannot be read or begins with an empty line.
    static func firstLine(of path: String) throws(Failure) -> String {
        let line = try Self.text(of: path, for: "-F").utf8.prefix { $0 != ASCII.lf && $0 != ASCII.cr }
        guard !line.isEmpty else { throw Failure("-F \(Printable.text(path.utf8)): the first line is empty") }
        return String(decoding: line, as: UTF8.self)
    }

    /// A small file that an option names, whole. Nothing that people write for us is longer than 64 KB.
    static func text(of path: String, for option: String) throws(Failure) -> String {
        let shown = Printable.text(path.utf8)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("\(option) \(shown): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw Failure("\(option) \(shown): \(String(cString: strerror(errno)))") }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}

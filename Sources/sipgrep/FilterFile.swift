import Glibc
import SIPKit

/// `-F FILE`: the capture filter is the file's first line.
enum FilterFile {
    /// - Throws: ``Failure`` when the file cannot be read or begins with an empty line.
    static func firstLine(of path: String) throws(Failure) -> String {
        let shown = Printable.text(path.utf8)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("-F \(shown): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        // A filter of more than 64 KB is none.
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw Failure("-F \(shown): \(String(cString: strerror(errno)))") }
        let line = buffer[..<count].prefix { $0 != ASCII.lf && $0 != ASCII.cr }
        guard !line.isEmpty else { throw Failure("-F \(shown): the first line is empty") }
        return String(decoding: line, as: UTF8.self)
    }
}

import Glibc

/// Reads script files.
enum ScriptFile {
    /// Larger files are no scripts.
    static let largest = 4 << 20

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: ``Failure`` with the path and the system's words.
    static func read(_ path: String) throws(Failure) -> SourceText {
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(description: "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &block, block.count)
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Failure(description: "cannot read \(path): \(String(cString: strerror(errno)))")
            }
            bytes.append(contentsOf: block[..<count])
            guard bytes.count <= Self.largest else {
                throw Failure(description: "\(path) is larger than \(Self.largest >> 20) MiB, which is no script")
            }
        }
        return SourceText(name: path, bytes: bytes)
    }

    /// A reader of included files: as written, else beside the file that was named.
    static func reader(besides path: String) -> Preprocessor.Reader {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        return { name in
            if let text = try? Self.read(name) { return text.bytes }
            guard !name.hasPrefix("/"), !folder.isEmpty else { return nil }
            return (try? Self.read(folder + name))?.bytes
        }
    }
}

import Glibc

/// Reads a whole file, or standard input for `-`.
enum FileText {
    /// Larger than any message that can be sent.
    static let limit = 1 << 20

    static func read(_ path: String, limit: Int = FileText.limit) throws(UsageError) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UsageError("unable to open the file '\(path)'.") }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while text.count <= limit {
            let count = Glibc.read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw UsageError("unable to read the file '\(path)'.") }
            if count == 0 { return text }
            text += block[..<count]
        }
        throw UsageError("the file '\(path)' is over \(limit) bytes")
    }

    /// Writes a file whole or not at all: readers never see half of it.
    static func replace(_ path: String, with bytes: [UInt8]) throws(UsageError) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw UsageError("unable to write the file '\(path)'.") }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
        guard rest.isEmpty, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw UsageError("unable to write the file '\(path)'.")
        }
    }
}

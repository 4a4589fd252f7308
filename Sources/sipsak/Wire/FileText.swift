import Glibc

/// Reads a whole file, or standard input for `-`.
enum FileText {
    /// Larger than any message that can be sent.
    static let limit = 1 << 20

    static func read(_ path: String) throws(UsageError) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UsageError("unable to open the file '\(path)'.") }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while text.count <= Self.limit {
            let count = Glibc.read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw UsageError("unable to read the file '\(path)'.") }
            if count == 0 { return text }
            text += block[..<count]
        }
        throw UsageError("the file '\(path)' is over \(Self.limit) bytes")
    }
}

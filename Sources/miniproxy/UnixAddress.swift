import Glibc

/// A path as the system's calls want it.
struct UnixAddress {
    private var address = sockaddr_un()

    /// - Returns: `nil` for a path that is too long for a socket: 107 bytes.
    init?(_ path: String) {
        let bytes = Array(path.utf8)
        self.address.sun_family = sa_family_t(AF_UNIX)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: self.address.sun_path), !bytes.contains(0) else {
            return nil
        }
        withUnsafeMutableBytes(of: &self.address.sun_path) { $0.copyBytes(from: bytes) }
    }

    func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: self.address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

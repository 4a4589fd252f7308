import Glibc
import SIPKit
import SIPNet

/// A socket that others connect to.
struct ControlListener: Sendable {
    enum Kind: Sendable { case jsonRPC, http }

    let descriptor: Int32
    let kind: Kind
    /// To be removed in the end.
    let path: String?

    /// - Throws: ``SystemFailure``: the path is somebody's, too long, or in a folder that is not ours to write.
    static func unixSocket(_ path: String, mode: UInt32) throws(SystemFailure) -> ControlListener {
        guard let address = UnixAddress(path) else {
            throw SystemFailure("\(path): a socket's path has at most 107 bytes")
        }
        // What a proxy that was killed has left is taken away; one that answers keeps its socket.
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                throw SystemFailure("\(path): is there already and no socket")
            }
            let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            let isAlive = probe >= 0 && address.with { connect(probe, $0, $1) } == 0
            if probe >= 0 { Glibc.close(probe) }
            guard !isAlive else { throw SystemFailure("\(path): another proxy answers there") }
            guard unlink(path) == 0 else { throw SystemFailure("\(path)", code: errno) }
        }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFailure("\(path)", code: errno) }
        // Nobody can connect before the permissions are right.
        let isBound =
            address.with { bind(descriptor, $0, $1) } == 0 && chmod(path, mode) == 0 && listen(descriptor, 16) == 0
        guard isBound else {
            let code = errno
            Glibc.close(descriptor)
            throw SystemFailure("\(path)", code: code)
        }
        return ControlListener(descriptor: descriptor, kind: .jsonRPC, path: path)
    }

    /// - Throws: ``SystemFailure``: the address is in use or not this machine's.
    static func http(_ address: SocketAddress) throws(SystemFailure) -> ControlListener {
        let family = address.ip.family == .v4 ? AF_INET : AF_INET6
        let descriptor = socket(
            family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFailure("\(address)", code: errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = address.withSystemAddress { bind(descriptor, $0, $1) } == 0 && listen(descriptor, 16) == 0
        guard isBound else {
            let code = errno
            Glibc.close(descriptor)
            throw SystemFailure("\(address)", code: code)
        }
        return ControlListener(descriptor: descriptor, kind: .http, path: nil)
    }

    func close() {
        Glibc.close(self.descriptor)
        if let path = self.path { unlink(path) }
    }
}

import Glibc
import SIPKit
import SIPTrace

/// `--names docker`: the containers of this machine by their addresses, asked once from the engine's socket
/// (`/var/run/docker.sock`, or what `DOCKER_HOST=unix://…` says; podman's socket answers the same).
enum ContainerNames {
    /// An engine with more to tell than this has no list for people.
    static let maximumAnswer = 16 << 20
    private static let usualSocket = "/var/run/docker.sock"

    /// - Throws: ``Failure`` when there is no engine, or it does not answer as one.
    static func ask() throws(Failure) -> [IPAddress: String] {
        var path = Self.usualSocket
        if let host = getenv("DOCKER_HOST").map({ String(cString: $0) }), !host.isEmpty {
            guard host.hasPrefix("unix://") else {
                throw Failure(
                    "--names docker: only a socket of this machine is asked, DOCKER_HOST is \(Self.shown(host))")
            }
            path = String(host.dropFirst(7))
        }
        let answer = try Self.get("/containers/json", from: path)
        let body = Self.body(answer)
        guard let list = JSONValue(body.span), case .list(let containers) = list else {
            throw Failure("--names docker: \(Self.shown(path)) answers with no list of containers")
        }
        return Self.names(containers)
    }

    static func names(_ containers: [JSONValue]) -> [IPAddress: String] {
        var names: [IPAddress: String] = [:]
        for container in containers {
            guard var name = container["Names"]?.elements.first?.text else { continue }
            if name.hasPrefix("/") { name.removeFirst() }
            guard case .object(let networks)? = container["NetworkSettings"]?["Networks"] else { continue }
            for network in networks {
                for key in ["IPAddress", "GlobalIPv6Address"] {
                    guard let ip = network.value[key]?.text.flatMap({ IPAddress($0) }) else { continue }
                    names[ip] = Printable.text(name.utf8)
                }
            }
        }
        return names
    }

    private static func shown(_ text: String) -> String { Printable.text(text.utf8) }

    /// What stands behind the head of an HTTP answer; empty where it is none.
    private static func body(_ answer: [UInt8]) -> [UInt8] {
        let end = Array("\r\n\r\n".utf8)
        guard answer.starts(with: Array("HTTP/1.".utf8)),
            let head = answer.indices.first(where: { answer[$0...].starts(with: end) })
        else { return [] }
        return Array(answer[(head + end.count)...])
    }

    /// One question in HTTP/1.0, so that the answer comes in one piece and ends with the connection.
    private static func get(_ resource: String, from path: String) throws(Failure) -> [UInt8] {
        func failed() -> Failure { Failure("--names docker: \(Self.shown(path)): \(String(cString: strerror(errno)))") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else {
            throw Failure("--names docker: \(Self.shown(path)) is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failed() }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard status == 0 else { throw failed() }
        let request = Array("GET \(resource) HTTP/1.0\r\nHost: localhost\r\n\r\n".utf8)
        guard
            request.withUnsafeBytes({ send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) })
                == request.count
        else { throw failed() }
        var answer: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while answer.count < Self.maximumAnswer {
            let count = block.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed() }
            if count == 0 { break }
            answer += block[..<count]
        }
        return answer
    }
}

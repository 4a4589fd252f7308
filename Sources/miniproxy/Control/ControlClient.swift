import Glibc
import SIPKit

/// The other end of the control socket.
struct ControlClient {
    let path: String

    /// Asks a running proxy.
    ///
    /// - Throws: ``ControlError``: the proxy's, or 503 where none answers.
    func ask(_ method: String, _ words: [String] = []) throws(ControlError) -> JSONValue {
        let descriptor = try self.request(method, words, patience: 30)
        defer { close(descriptor) }
        var input: [UInt8] = []
        return try self.result(try self.line(descriptor, &input))
    }

    /// Hands over what the proxy traces, until it ends.
    func follow(_ filter: String, isJSON: Bool, _ show: (String) -> Void) throws(ControlError) {
        let descriptor = try self.request("trace.on", [filter, isJSON ? "json" : "text"], patience: 0)
        defer { close(descriptor) }
        var input: [UInt8] = []
        _ = try self.result(try self.line(descriptor, &input))
        while true {
            let line = try self.line(descriptor, &input)
            if let value = try? JSONReader.value(line), let text = value["params"]?.elements?.first?.plainText {
                show(text)
            }
        }
    }

    /// Connects and asks; the caller closes the descriptor.
    private func request(_ method: String, _ words: [String], patience seconds: Int) throws(ControlError) -> Int32 {
        guard let address = UnixAddress(self.path) else {
            throw ControlError(400, "\(self.path): is no path of a socket")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ControlError(500, String(cString: strerror(errno))) }
        do throws(ControlError) {
            guard address.with({ connect(descriptor, $0, $1) }) == 0 else {
                throw ControlError(
                    503,
                    "\(self.path): \(String(cString: strerror(errno))); is miniproxy running, and is that its --control?"
                )
            }
            try self.lookAtOwner(descriptor)
            var patience = timeval(tv_sec: seconds, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            let request = JSONValue.object([
                "jsonrpc": .text("2.0"), "method": .text(method), "params": .array(words.map { .text($0) }),
                "id": .integer(1),
            ])
            var rest = Array((request.line + "\n").utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { throw ControlError(503, "\(self.path): the proxy has hung up") }
                rest = rest.dropFirst(count)
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// A socket in a folder that everybody writes to may be anybody's: it has to be ours or root's.
    private func lookAtOwner(_ descriptor: Int32) throws(ControlError) {
        var owner = UnixCredentials()
        var size = socklen_t(MemoryLayout<UnixCredentials>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &owner, &size) == 0,
            owner.user == getuid() || owner.user == 0 || getuid() == 0
        else { throw ControlError(403, "\(self.path): is another user's") }
    }

    /// `struct ucred`, which the C library shows only to programs in its own dialect.
    private struct UnixCredentials {
        var process: Int32 = 0
        var user: UInt32 = .max
        var group: UInt32 = .max
    }

    private func line(_ descriptor: Int32, _ input: inout [UInt8]) throws(ControlError) -> [UInt8] {
        var memory = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = input.firstIndex(of: ASCII.lf) {
                let line = Array(input[..<end])
                input.removeFirst(end + 1)
                return line
            }
            let count = memory.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw ControlError(503, "\(self.path): the proxy does not answer") }
            input += memory[..<count]
        }
    }

    private func result(_ line: [UInt8]) throws(ControlError) -> JSONValue {
        let answer: JSONValue
        do throws(ParseError) {
            answer = try JSONReader.value(line)
        } catch {
            throw ControlError(500, "\(self.path): \(error)")
        }
        if let error = answer["error"] {
            throw ControlError(error["code"]?.integer ?? 500, error["message"]?.plainText ?? "")
        }
        return answer["result"] ?? .null
    }
}

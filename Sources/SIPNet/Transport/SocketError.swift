import Glibc
import SIPKit

/// What the system refused: the call, the address it was about, and its errno.
public struct SocketError: Error, Equatable, Sendable {
    /// What was tried, as a verb: "bind", "connect", "open a socket".
    public var action: String
    public var address: SocketAddress?
    public var code: Int32

    package init(_ action: String, _ address: SocketAddress? = nil, code: Int32) {
        self.action = action
        self.address = address
        self.code = code
    }

    /// Turns a C result into a value: negative ones are an errno.
    @discardableResult
    static func check(_ result: Int32, _ action: String, _ address: SocketAddress? = nil) throws(SocketError) -> Int32 {
        guard result >= 0 else { throw SocketError(action, address, code: -result) }
        return result
    }

    /// `Address already in use`.
    public static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}

extension SocketError: CustomStringConvertible {
    public var description: String {
        let place = self.address.map { " \($0)" } ?? ""
        return "cannot \(self.action)\(place): \(Self.text(of: self.code))"
    }
}

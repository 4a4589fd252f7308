import SIPKit

/// A datagram that did not arrive, as far as this host was told.
public struct DeliveryError: Equatable, Sendable {
    /// Whom it was for.
    public var destination: SocketAddress
    /// The errno: ECONNREFUSED for "port unreachable", EHOSTUNREACH, ENETUNREACH, EMSGSIZE, EPERM (a firewall here) ...
    public var code: Int32
    /// Who sent the ICMP message; `nil` when the datagram did not leave this host.
    public var reporter: IPAddress?

    public init(destination: SocketAddress, code: Int32, reporter: IPAddress? = nil) {
        self.destination = destination
        self.code = code
        self.reporter = reporter
    }
}

extension DeliveryError: CustomStringConvertible {
    public var description: String {
        let told = self.reporter.map { ", \($0) says" } ?? ""
        return "\(self.destination)\(told): \(SocketError.text(of: self.code))"
    }
}

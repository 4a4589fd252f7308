import SIPKit

/// What the operator told about hosts: nobody can read that from the messages for certain.
struct KnownHosts: Sendable, Equatable, Codable {
    /// Domains that the server serves, in lower case; besides those that phones register in.
    var domains: Set<String> = []
    var gateways: Set<IPAddress> = []
    /// Peers that need no login.
    var trusted: [Network] = []
    /// Border controllers and gateways that send sound to where it comes from, whatever a session says.
    var latching: Set<IPAddress> = []

    /// `192.0.2.0/24`, or one address.
    struct Network: Sendable, Equatable, Codable {
        var address: IPAddress
        var length: Int

        init(_ address: IPAddress) {
            self.address = address
            self.length = address.family == .v4 ? 32 : 128
        }

        /// - Returns: `nil` for anything but an address, or one with a length that it can have.
        init?(_ text: String) {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
            self.init(address)
            guard parts.count == 2 else { return }
            guard let length = SessionFacts.number(String(parts[1]), limit: UInt64(self.length)) else { return nil }
            self.length = length
        }
    }

    func isTrusted(_ address: IPAddress) -> Bool {
        self.trusted.contains { address.isInside($0.address, prefixLength: $0.length) }
    }
}

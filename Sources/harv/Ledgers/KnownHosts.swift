import SIPKit

/// What the operator told about hosts: nobody can read that from the messages for certain.
struct KnownHosts: Sendable, Equatable {
    /// Domains that the server serves, in lower case; besides those that phones register in.
    var domains: Set<String> = []
    var gateways: Set<IPAddress> = []
    /// Peers that need no login.
    var trusted: Set<IPAddress> = []
    /// Border controllers and gateways that send sound to where it comes from, whatever a session says.
    var latching: Set<IPAddress> = []
}

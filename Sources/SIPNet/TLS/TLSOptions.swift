/// How a connection is secured, ours or a peer's: files, versions, whom to trust.
public struct TLSOptions: Sendable, Hashable {
    public enum Version: String, Sendable, Hashable, Comparable {
        case tls12 = "1.2"
        case tls13 = "1.3"
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// What a server does about the certificates of clients.
    public enum ClientCertificate: String, Sendable, Hashable, CaseIterable {
        /// Does not ask.
        case no
        /// Asks; one that is shown must be good, but none need be shown.
        case asked
        case required
    }

    /// PEM: our certificate and those between it and the root.
    public var certificateFile: String?
    /// PEM: the key of the certificate. May be the same file.
    public var keyFile: String?
    /// PEM: the authorities to trust instead of the system's.
    public var trustFile: String?
    /// For clients: whether the server's certificate must be good and name the host that was called.
    public var verifiesPeer = true
    /// For servers.
    public var clientCertificate = ClientCertificate.no
    public var minimumVersion = Version.tls12
    public var maximumVersion = Version.tls13
    /// Appends the secrets of every connection to this file, in the format of SSLKEYLOGFILE. For tests only.
    public var keyLogFile: String?

    public init() {}
}

/// TLS settings that cannot work: which file, what is wrong with it.
public struct TLSSettingsError: Error, Equatable, CustomStringConvertible {
    public let description: String
}

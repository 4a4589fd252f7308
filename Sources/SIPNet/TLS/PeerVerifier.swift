internal import CNIOBoringSSL
import Glibc
import SIPKit
import Synchronization

/// Decides whether a peer's certificates are good, and says why not.
///
/// The TLS library does this by itself too, but tells nobody what was wrong. Here its own X.509 code does the same work,
/// one level below, where the reason and the chain are at hand. (`docs/decisions/0010`)
final class PeerVerifier: @unchecked Sendable {
    // The pointer never changes after `init`, and the store locks itself.
    private let store: OpaquePointer
    /// Whether the system's authorities are still to be read: that takes some milliseconds, and only who meets a
    /// certificate needs them.
    private let needsSystem: Mutex<Bool>

    /// Where systems keep the authorities that everybody trusts.
    private static let systemFiles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    ]

    /// - Parameter trustFile: PEM; `nil` takes the system's authorities.
    init(trustFile: String?) throws(TLSSettingsError) {
        guard let store = X509_STORE_new() else { throw TLSSettingsError(description: "no memory for certificates") }
        self.store = store
        self.needsSystem = Mutex(trustFile == nil)
        if let trustFile {
            guard access(trustFile, R_OK) == 0 else {
                throw TLSSettingsError(
                    description: "cannot read trusted certificates from \(trustFile): \(SocketError.text(of: errno))")
            }
            guard X509_STORE_load_locations(store, trustFile, nil) == 1 else {
                throw TLSSettingsError(description: "\(trustFile): there is no certificate in PEM in it")
            }
        }
    }

    private func readSystem() {
        self.needsSystem.withLock { isNeeded in
            guard isNeeded else { return }
            isNeeded = false
            if let file = Self.systemFiles.first(where: { access($0, R_OK) == 0 }) {
                X509_STORE_load_locations(self.store, file, nil)
            }
        }
    }

    deinit { X509_STORE_free(self.store) }

    /// Whom the certificate has to be for.
    enum Expected {
        case server(name: String)
        case serverAddress(IPAddress)
        case client
    }

    /// Checks signatures, dates, purposes and the name.
    ///
    /// - Parameter chain: DER, the peer's own certificate first, as it sent them.
    /// - Returns: what is wrong, as a sentence; `nil` where nothing is.
    func problem(with chain: [[UInt8]], for expected: Expected) -> String? {
        guard let own = chain.first else { return "the peer shows none" }
        self.readSystem()
        guard let leaf = Self.parse(own) else { return "it cannot be read" }
        defer { X509_free(leaf) }
        guard let others = OPENSSL_sk_new_null() else { return "no memory" }
        var parsed: [OpaquePointer] = []
        defer {
            OPENSSL_sk_free(others)
            for certificate in parsed { X509_free(certificate) }
        }
        for der in chain.dropFirst().prefix(10) {
            guard let certificate = Self.parse(der) else { continue }
            parsed.append(certificate)
            OPENSSL_sk_push(others, UnsafeMutableRawPointer(certificate))
        }
        guard let context = X509_STORE_CTX_new() else { return "no memory" }
        defer { X509_STORE_CTX_free(context) }
        guard X509_STORE_CTX_init(context, self.store, leaf, others) == 1, self.expect(expected, context) else {
            return "it cannot be checked"
        }
        if X509_verify_cert(context) == 1 { return nil }
        return Self.words(
            Int32(X509_STORE_CTX_get_error(context)), depth: Int(X509_STORE_CTX_get_error_depth(context)),
            chain.prefix(11).compactMap { CertificateFacts(der: $0) }, expected)
    }

    private func expect(_ expected: Expected, _ context: OpaquePointer) -> Bool {
        let purpose =
            switch expected {
            case .server, .serverAddress: "ssl_server"
            case .client: "ssl_client"
            }
        guard X509_STORE_CTX_set_default(context, purpose) == 1, let rules = X509_STORE_CTX_get0_param(context) else {
            return false
        }
        switch expected {
        case .server(let name): return X509_VERIFY_PARAM_set1_host(rules, name, name.utf8.count) == 1
        case .serverAddress(let ip):
            var bytes = (0..<8).map { UInt8(truncatingIfNeeded: ip.high >> (56 - 8 * $0)) }
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: ip.low >> (56 - 8 * $0)) }
            if ip.family == .v4 { bytes = Array(bytes.suffix(4)) }
            return X509_VERIFY_PARAM_set1_ip(rules, bytes, bytes.count) == 1
        case .client: return true
        }
    }

    private static func parse(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_X509(nil, &start, bytes.count)
        }
    }

    // MARK: Words

    private static func words(_ code: Int32, depth: Int, _ chain: [CertificateFacts], _ expected: Expected) -> String {
        let facts = depth < chain.count ? chain[depth] : chain.last
        let subject = facts?.subject ?? "one of the chain"
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "\(subject) has expired" + (facts?.notAfter.map { " on \(Self.date($0))" } ?? "")
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "\(subject) is not valid" + (facts?.notBefore.map { " before \(Self.date($0))" } ?? " yet")
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return "\(subject) is signed by itself and not among the trusted authorities"
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "\(facts?.issuer ?? "who"), which signed \(subject), is not among the trusted authorities"
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            let names = chain.first.map { $0.names.isEmpty ? $0.subject : $0.names.joined(separator: ", ") } ?? "nobody"
            return "it is for \(names), and \(Self.text(expected)) was called"
        case X509_V_ERR_INVALID_PURPOSE:
            return "\(subject) is not made for this side of a connection (extended key usage)"
        default: return "\(subject): \(String(cString: X509_verify_cert_error_string(Int(code))))"
        }
    }

    private static func text(_ expected: Expected) -> String {
        switch expected {
        case .server(let name): name
        case .serverAddress(let ip): "\(ip)"
        case .client: "a client"
        }
    }

    /// `2026-03-01 12:00:00 UTC`
    private static func date(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "\(seconds)" }
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S UTC", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

import NIOSSL
import SIPKit

/// The TLS library's errors in words for people.
enum TLSWords {
    static func error(_ error: any Error) -> StreamError? {
        switch error {
        case NIOSSLError.handshakeFailed(let inner): .tls("handshake failed: \(Self.words(inner))")
        case NIOSSLError.uncleanShutdown: .closedByPeer
        case let error as NIOSSLError: .tls("\(error)")
        case let error as BoringSSLError: .tls(Self.words(error))
        case let error as NIOSSLExtraError: .tls("\(error)")
        default: nil
        }
    }

    private static func words(_ error: BoringSSLError) -> String {
        switch error {
        case .sslError(let stack), .unknownError(let stack):
            guard let first = stack.first else { return "the peer closed the connection" }
            return Self.words("\(first)")
        case .zeroReturn, .syscallError: return "the peer closed the connection"
        default: return "\(error)"
        }
    }

    /// `Error: 268435703 error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at …` and its like.
    private static func words(_ text: String) -> String {
        for (sign, words) in Self.known where text.contains(sign) { return words }
        if text.contains("EOF during handshake") { return "the peer closed the connection" }
        if let code = text.split(separator: ":").last(where: { $0.allSatisfy { !$0.isLowercase } && !$0.isEmpty }) {
            return code.split(separator: " ").first.map { $0.lowercased().split(separator: "_").joined(separator: " ") }
                ?? text
        }
        return text
    }

    private static let known: [(String, String)] = [
        ("WRONG_VERSION_NUMBER", "the peer does not speak TLS on this port"),
        ("HTTP_REQUEST", "the peer speaks HTTP on this port and not TLS"),
        ("UNSUPPORTED_PROTOCOL", "no TLS version in common"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "no TLS version in common"),
        ("NO_SHARED_CIPHER", "no cipher in common"),
        ("HANDSHAKE_FAILURE", "the peer refuses what we offer (handshake_failure)"),
        ("TLSV1_ALERT_UNKNOWN_CA", "the peer does not trust our certificate (unknown_ca)"),
        ("CERTIFICATE_REQUIRED", "the peer wants a certificate from us"),
        ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "the peer shows no certificate"),
        ("CERTIFICATE_EXPIRED", "the peer says that our certificate has expired"),
        ("BAD_CERTIFICATE", "the peer says that our certificate is bad"),
        ("UNRECOGNIZED_NAME", "the peer does not know the name that was called"),
    ]
}

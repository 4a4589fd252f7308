import Crypto
import SIPKit

/// A signed statement of who calls whom (PASSporT, RFC 8225, with the `shaken` claims of RFC 8588), and the Identity header
/// that carries it (RFC 8224).
struct Passport: Equatable, Sendable {
    /// Telephone numbers where the users are such, URIs otherwise.
    var origin: String
    var destination: String
    /// When it was signed, in seconds since 1970.
    var issuedAt: Int
    /// A, B or C: how surely the signer knows the caller.
    var attestation: String
    var originID: String

    enum Verdict: Equatable, Sendable {
        case valid(Passport)
        /// A sentence.
        case invalid(String)
    }

    // MARK: Signing

    /// The value of the Identity header.
    ///
    /// - Parameter certificate: the URL at which verifiers find the signer's certificate.
    func identity(key: P256.Signing.PrivateKey, certificate: String) throws -> String {
        // Members stand in the order of their names, without blanks: signer and verifier make the same bytes (RFC 8225 §9).
        let head = JSONText.object([
            ("alg", .text("ES256")), ("ppt", .text("shaken")), ("typ", .text("passport")), ("x5u", .text(certificate)),
        ])
        let claims = JSONText.object([
            ("attest", .text(self.attestation)), ("dest", Self.party(self.destination, isList: true)),
            ("iat", .int(self.issuedAt)), ("orig", Self.party(self.origin, isList: false)),
            ("origid", .text(self.originID)),
        ])
        let signed = "\(Base64.text(Array(head.line.utf8))).\(Base64.text(Array(claims.line.utf8)))"
        let signature = try key.signature(for: Array(signed.utf8))
        return
            "\(signed).\(Base64.text(Array(signature.rawRepresentation)));info=<\(certificate)>;alg=ES256;ppt=\"shaken\""
    }

    private static func party(_ text: String, isList: Bool) -> JSONText {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy(ASCII.isDigit)
        let value = JSONText.text(text)
        return .object([(isNumber ? "tn" : "uri", isList ? .array([value]) : value)])
    }

    /// A user that is a number without its plus sign (RFC 8225 §5.2.1), or the URI.
    static func party(_ uri: TargetURI) -> String {
        let user = Array((uri.user ?? "").utf8)
        let digits = user.first == ASCII.plus ? Array(user.dropFirst()) : user
        let isNumber = digits.count > 2 && digits.allSatisfy(ASCII.isDigit)
        return isNumber ? String(decoding: digits, as: UTF8.self) : uri.text
    }

    // MARK: Verifying

    /// - Parameters:
    ///   - value: of the Identity header.
    ///   - now: in seconds since 1970.
    static func verify(_ value: [UInt8], keys: [P256.Signing.PublicKey], now: Int) -> Verdict {
        let token = value.prefix { $0 != ASCII.semicolon && !ASCII.isLWS($0) }
        let parts = token.split(separator: ASCII.dot, omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64.bytes(parts[2]),
            let signed = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { return .invalid("it is no PASSporT in full form") }
        guard head["alg"]?.text == "ES256" else { return .invalid("its algorithm is not ES256") }
        let covered = Array(parts[0]) + [ASCII.dot] + Array(parts[1])
        guard keys.contains(where: { $0.isValidSignature(signed, for: covered) }) else {
            return .invalid("no key that is trusted has signed it")
        }
        guard let issued = claims["iat"]?.number else { return .invalid("it has no time") }
        // RFC 8224 §5.2: a minute is recommended for how old it may be.
        guard abs(now - issued) <= 60 else { return .invalid("it is of another time (\(now - issued) s ago)") }
        return .valid(
            Passport(
                origin: Self.party(claims["orig"]), destination: Self.party(claims["dest"]), issuedAt: issued,
                attestation: claims["attest"]?.text ?? "", originID: claims["origid"]?.text ?? ""))
    }

    private static func object(_ text: ArraySlice<UInt8>) -> JSONText? {
        guard text.count <= 65_536, let bytes = Base64.bytes(text), let value = try? JSONReader.read(bytes),
            case .object = value
        else { return nil }
        return value
    }

    private static func party(_ value: JSONText?) -> String {
        guard let found = value?["tn"] ?? value?["uri"] else { return "" }
        if case .array(let list) = found { return list.first?.text ?? "" }
        return found.text ?? ""
    }
}

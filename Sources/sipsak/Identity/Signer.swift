import Crypto
import SIPKit

/// Puts Date and Identity into requests that call somebody (`--identity-key`, `--identity-x5u`, `--attest`).
struct Signer: Sendable {
    let key: P256.Signing.PrivateKey
    let certificate: String
    let attestation: String

    /// - Parameters:
    ///   - now: in seconds since 1970.
    ///   - ids: for the origination identifier.
    func sign(_ draft: inout Draft, now: Int64, _ ids: inout Identifiers) throws(UsageError) {
        guard let from = Self.address(draft.value(.from)), let to = Self.address(draft.value(.to)) else {
            throw UsageError("From and To have to be SIP addresses to be signed (--identity-key)")
        }
        let hex = Array(ids.hex(32).utf8)
        let parts = [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]]
        let passport = Passport(
            origin: Passport.party(from), destination: Passport.party(to), issuedAt: Int(now),
            attestation: self.attestation,
            originID: parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-"))
        guard let value = try? passport.identity(key: self.key, certificate: self.certificate) else {
            throw UsageError("the request could not be signed (--identity-key)")
        }
        var date = ByteWriter(capacity: 32)
        SIPDate(secondsSince1970: now).write(to: &date)
        draft.set(.date, date.string)
        draft.set(.identity, value)
    }

    private static func address(_ value: [UInt8]?) -> TargetURI? {
        guard let value else { return nil }
        var cursor = ByteCursor(value.span)
        guard let address = try? AddressRanges(parsing: &cursor) else { return nil }
        return try? TargetURI.sip(value.span.string(address.uri), spelling: "From, To")
    }
}

import SIPKit

/// What people ask of a certificate (RFC 5280 §4): whose it is, who says so, for which names, until when.
///
/// Read from the DER by ourselves, so that a certificate can be described that the TLS library has refused. Nothing here
/// decides whether it is to be trusted.
public struct CertificateFacts: Sendable, Equatable {
    /// `CN=sip.example.org, O=Example`: the order of the certificate.
    public var subject: String
    public var issuer: String
    /// The names it is for: `DNS:sip.example.org`, `IP:192.0.2.1`, `URI:sip:example.org` (RFC 5922 §4).
    public var names: [String]
    /// Seconds since 1970; `nil` where the date cannot be read.
    public var notBefore: Int64?
    public var notAfter: Int64?
    /// In hexadecimal.
    public var serial: String
    public var der: [UInt8]

    public var isSelfSigned: Bool { self.subject == self.issuer }

    /// Whole days from `now` (seconds since 1970) until it ends; negative once it has.
    public func daysLeft(now: Int64) -> Int64? {
        self.notAfter.map { Int64((Double($0 - now) / 86_400).rounded(.down)) }
    }

    /// - Returns: `nil` for what is no certificate.
    public init?(der: [UInt8]) {
        var outer = DERReader(der[...])
        guard let certificate = outer.next(DERReader.sequence) else { return nil }
        var parts = certificate.inside
        guard let signed = parts.next(DERReader.sequence) else { return nil }
        var fields = signed.inside
        _ = fields.next(0xA0)  // version
        guard let serial = fields.next(0x02), fields.next(DERReader.sequence) != nil,
            let issuer = fields.next(DERReader.sequence), let validity = fields.next(DERReader.sequence),
            let subject = fields.next(DERReader.sequence), fields.next(DERReader.sequence) != nil
        else { return nil }
        self.der = der
        self.serial = serial.contents.map(Self.hex).joined()
        self.issuer = Self.name(issuer)
        self.subject = Self.name(subject)
        var dates = validity.inside
        self.notBefore = dates.next().flatMap(Self.date)
        self.notAfter = dates.next().flatMap(Self.date)
        self.names = []
        while let field = fields.next() {
            if field.tag == 0xA3 { self.names += Self.alternativeNames(field) }
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        String(decoding: [ASCII.hexDigit(byte >> 4), ASCII.hexDigit(byte & 15)], as: UTF8.self)
    }

    // MARK: Names

    private static let shortNames: [[UInt8]: String] = [
        [0x55, 4, 3]: "CN", [0x55, 4, 6]: "C", [0x55, 4, 7]: "L", [0x55, 4, 8]: "ST", [0x55, 4, 10]: "O",
        [0x55, 4, 11]: "OU",
    ]

    /// `CN=…, O=…`. What a terminal would take for a command comes out as `\xNN` (`Printable`).
    private static func name(_ element: DERReader.Element) -> String {
        var parts: [String] = []
        var sets = element.inside
        while let set = sets.next(DERReader.set) {
            var pairs = set.inside
            while let pair = pairs.next(DERReader.sequence) {
                var halves = pair.inside
                guard let kind = halves.next(DERReader.objectIdentifier), let value = halves.next() else { continue }
                let label = Self.shortNames[Array(kind.contents)] ?? kind.contents.map(Self.hex).joined()
                parts.append("\(label)=\(Printable.text(Array(value.contents)))")
            }
        }
        return parts.joined(separator: ", ")
    }

    private static func alternativeNames(_ wrapper: DERReader.Element) -> [String] {
        var names: [String] = []
        var outer = wrapper.inside
        guard let list = outer.next(DERReader.sequence) else { return [] }
        var extensions = list.inside
        while let one = extensions.next(DERReader.sequence) {
            var parts = one.inside
            guard parts.next(DERReader.objectIdentifier)?.contents == [0x55, 0x1D, 0x11] else { continue }
            _ = parts.next(0x01)  // critical
            guard let value = parts.next(DERReader.octetString) else { continue }
            var inner = value.inside
            guard let sequence = inner.next(DERReader.sequence) else { continue }
            var entries = sequence.inside
            while let entry = entries.next() {
                switch entry.tag {
                case 0x82: names.append("DNS:\(Printable.text(Array(entry.contents)))")
                case 0x86: names.append("URI:\(Printable.text(Array(entry.contents)))")
                case 0x81: names.append("email:\(Printable.text(Array(entry.contents)))")
                case 0x87: if let ip = Self.address(entry.contents) { names.append("IP:\(ip)") }
                default: break
                }
            }
        }
        return names
    }

    private static func address(_ bytes: ArraySlice<UInt8>) -> IPAddress? {
        func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: return IPAddress(v4: UInt32(truncatingIfNeeded: number(bytes)))
        case 16: return IPAddress(v6: number(bytes.prefix(8)), number(bytes.dropFirst(8)))
        default: return nil
        }
    }

    // MARK: Dates

    /// UTCTime `YYMMDDHHMMSSZ` and GeneralizedTime `YYYYMMDDHHMMSSZ` (RFC 5280 §4.1.2.5).
    private static func date(_ element: DERReader.Element) -> Int64? {
        let digits = Array(element.contents.prefix { ASCII.isDigit($0) })
        func number(_ start: Int, _ count: Int) -> Int {
            digits[start..<start + count].reduce(0) { $0 * 10 + Int($1 - ASCII.zero) }
        }
        let year: Int
        let at: Int
        switch (element.tag, digits.count) {
        case (0x17, 12): (year, at) = (number(0, 2) + (number(0, 2) < 50 ? 2000 : 1900), 2)
        case (0x18, 14): (year, at) = (number(0, 4), 4)
        default: return nil
        }
        let month = number(at, 2)
        let day = number(at + 2, 2)
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        let seconds = number(at + 4, 2) * 3600 + number(at + 6, 2) * 60 + number(at + 8, 2)
        return Self.daysSince1970(year, month, day) * 86_400 + Int64(seconds)
    }

    /// By counting years from March, so that the odd day comes last.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}

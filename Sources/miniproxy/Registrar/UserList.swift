import SIPKit

/// Users with passwords from the command line (`--user name:password`), for digest without a database.
struct UserList: Sendable {
    private var passwords: [[UInt8]: [UInt8]] = [:]
    /// HA1 of each user for each realm asked for: computed once.
    private let cache = HA1Cache()

    var isEmpty: Bool { self.passwords.isEmpty && self.everybody == nil }
    /// A password that is good for every user name (load tests).
    var everybody: [UInt8]?

    /// - Throws: ``ParseError`` "user" for text that is not `name:password`.
    mutating func add(_ text: String) throws(ParseError) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: ASCII.colon), colon > 0 else {
            throw ParseError(.malformed, "user", expected: "name:password", found: bytes)
        }
        let name = Array(bytes[..<colon])
        let password = Array(bytes[(colon + 1)...])
        if name == [ASCII.star] { self.everybody = password } else { self.passwords[name] = password }
    }

    func contains(_ user: [UInt8]) -> Bool { self.passwords[user] != nil }

    func password(of user: [UInt8]) -> [UInt8]? { self.passwords[user] ?? self.everybody }

    /// H(user:realm:password) as 32 hexadecimal digits; `nil` for an unknown user.
    func ha1(user: [UInt8], realm: [UInt8]) -> [UInt8]? {
        guard let password = self.password(of: user) else { return nil }
        return self.cache.value(user: user, realm: realm) {
            DigestSecret.password(password).ha1(user: user, realm: realm, algorithm: .md5) ?? []
        }
    }
}

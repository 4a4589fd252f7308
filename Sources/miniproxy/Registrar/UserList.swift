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

    /// The password of a user name as credentials have it.
    ///
    /// Some clients add the domain (`alice@example.org`), and sipsak 0.9.8 an empty one (`alice@`): the digest covers the
    /// name as it was sent, the password is that of the user before the `@`.
    private func password(of user: [UInt8], realm: [UInt8]) -> [UInt8]? {
        if let password = self.passwords[user] { return password }
        if let at = user.lastIndex(of: ASCII.at) {
            let domain = user[(at + 1)...]
            if domain.isEmpty || domain.elementsEqual(realm), let password = self.passwords[Array(user[..<at])] {
                return password
            }
        }
        return self.everybody
    }

    /// H(user:realm:password) as 32 hexadecimal digits; `nil` for an unknown user.
    func ha1(user: [UInt8], realm: [UInt8]) -> [UInt8]? {
        guard let password = self.password(of: user, realm: realm) else { return nil }
        return self.cache.value(user: user, realm: realm) {
            DigestSecret.password(password).ha1(user: user, realm: realm, algorithm: .md5) ?? []
        }
    }
}

import SIPKit
import Synchronization

/// Users with passwords from the command line (`--user name:password`), for digest without a database.
struct UserList: Sendable {
    private final class User: Sendable {
        struct Known {
            var name: [UInt8]
            var realm: [UInt8]
            var ha1: [UInt8]
        }
        let password: [UInt8]
        /// The HA1 that was asked for last: a user has one name and one realm, nearly always.
        let known = Mutex<Known?>(nil)

        init(_ password: [UInt8]) { self.password = password }
    }
    private var users: [[UInt8]: User] = [:]
    /// HA1 of those who have everybody's password.
    private let cache = HA1Cache()

    var isEmpty: Bool { self.users.isEmpty && self.everybody == nil }
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
        if name == [ASCII.star] { self.everybody = password } else { self.users[name] = User(password) }
    }

    func contains(_ user: [UInt8]) -> Bool { self.users[user] != nil }

    /// The user whom the name in credentials means.
    ///
    /// Some clients add the domain (`alice@example.org`), and sipsak 0.9.8 an empty one (`alice@`): the digest covers the
    /// name as it was sent, the password is that of the user before the `@`.
    private func user(_ name: [UInt8], realm: [UInt8]) -> User? {
        if let user = self.users[name] { return user }
        guard let at = name.lastIndex(of: ASCII.at) else { return nil }
        let domain = name[(at + 1)...]
        return domain.isEmpty || domain.elementsEqual(realm) ? self.users[Array(name[..<at])] : nil
    }

    /// H(user:realm:password) as 32 hexadecimal digits; `nil` for an unknown user.
    func ha1(user name: [UInt8], realm: [UInt8]) -> [UInt8]? {
        guard let user = self.user(name, realm: realm) else {
            guard let everybody = self.everybody else { return nil }
            return self.cache.value(user: name, realm: realm) { Self.ha1(name, realm, everybody) }
        }
        return user.known.withLock { known in
            if let known, known.realm == realm, known.name == name { return known.ha1 }
            let ha1 = Self.ha1(name, realm, user.password)
            known = User.Known(name: name, realm: realm, ha1: ha1)
            return ha1
        }
    }

    private static func ha1(_ name: [UInt8], _ realm: [UInt8], _ password: [UInt8]) -> [UInt8] {
        DigestSecret.password(password).ha1(user: name, realm: realm, algorithm: .md5) ?? []
    }
}

import SIPKit

/// How credentials are looked up, and what a row of the table means (FUNCTIONS.md §7).
struct AuthDBSettings: Sendable {
    /// Whether the password columns hold passwords, and not HA1.
    var calculatesHA1 = false
    /// Whether the realm has to be the user's domain.
    var useDomain = false
    var user = Array("username".utf8)
    var domain = Array("domain".utf8)
    var password = Array("ha1".utf8)
    /// For names that come as `user@domain`.
    var passwordOfAddress = Array("ha1b".utf8)
    /// Columns that become attributes of the request.
    var attributes: [(column: [UInt8], isNumber: Bool)] = []

    init() {}

    init(_ values: ModuleValues) {
        self.calculatesHA1 = values.isSet("auth_db", "calculate_ha1")
        self.useDomain = values.isSet("auth_db", "use_domain")
        self.user = values.bytes("auth_db", "user_column")
        self.domain = values.bytes("auth_db", "domain_column")
        self.password = values.bytes("auth_db", "password_column")
        self.passwordOfAddress = values.bytes("auth_db", "password_column_2")
        if values.script.dialect == .modern {
            self.add(values.script.setting("auth_db", "load_credentials")?.text ?? "", isNumber: false)
        } else {
            self.add(values.text("auth_db", "avps_column_int"), isNumber: true)
            self.add(values.text("auth_db", "avps_column_str"), isNumber: false)
            self.add(values.script.setting("auth_db", "load_credentials")?.text ?? "", isNumber: false)
        }
    }

    /// `uuid|rpid` of SER, `rpid;name=column` of Kamailio.
    private mutating func add(_ list: String, isNumber: Bool) {
        for name in list.split(whereSeparator: { $0 == "|" || $0 == ";" || $0 == "," }) {
            let column = Array((name.split(separator: "=").last ?? name).utf8)
            if !self.attributes.contains(where: { $0.column == column }) { self.attributes.append((column, isNumber)) }
        }
    }

    /// The user part of a name as credentials have it, and the domain if there is one.
    private static func parts(_ name: [UInt8]) -> (user: [UInt8], domain: [UInt8]?) {
        guard let at = name.lastIndex(of: ASCII.at) else { return (name, nil) }
        return (Array(name[..<at]), Array(name[(at + 1)...]))
    }

    /// - Parameter known: which columns the table has; optional ones that it lacks are not asked for.
    func query(_ name: [UInt8], realm: [UInt8], table: [UInt8], known: Set<[UInt8]>?) -> TableQuery {
        let (user, domain) = Self.parts(name)
        var matching = [ColumnValue(column: self.user, value: user)]
        if self.useDomain { matching.append(ColumnValue(column: self.domain, value: domain ?? realm)) }
        let secret = domain != nil && !self.calculatesHA1 ? self.passwordOfAddress : self.password
        return TableQuery(
            table: table, columns: [self.user, secret] + self.present(known).map(\.column), matching: matching)
    }

    private func present(_ known: Set<[UInt8]>?) -> [(column: [UInt8], isNumber: Bool)] {
        self.attributes.filter { known?.contains($0.column) ?? true }
    }

    /// The HA1 of a name from its row; `nil` where the row is another user's after all: a database may take
    /// `alice ` for `alice`.
    func ha1(_ row: [[UInt8]], name: [UInt8], realm: [UInt8]) -> [UInt8]? {
        guard row.count >= 2, Self.parts(name).user.map(ASCII.lowercased) == row[0].map(ASCII.lowercased) else {
            return nil
        }
        guard self.calculatesHA1 else { return row[1].count == 32 ? row[1].map(ASCII.lowercased) : nil }
        return DigestSecret.password(row[1]).ha1(user: name, realm: realm, algorithm: .md5)
    }

    /// The attributes of a row.
    func attributes(_ row: [[UInt8]], known: Set<[UInt8]>?) -> [(AttributeList.Name, AttributeList.Value)] {
        zip(self.present(known), row.dropFirst(2)).compactMap { attribute, value in
            guard !value.isEmpty else { return nil }
            if attribute.isNumber, let number = Int(String(decoding: value, as: UTF8.self)) {
                return (.text(attribute.column), .number(number))
            }
            return (.text(attribute.column), .text(value))
        }
    }
}

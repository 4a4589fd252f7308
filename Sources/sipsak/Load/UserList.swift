import SIPKit

/// Whom a load is about: a range of numbers behind the user's name, or the lines of `--users FILE`.
struct UserList: Equatable, Sendable {
    struct User: Equatable, Sendable {
        let name: String
        /// `nil`: what `-a` says.
        let password: String?
    }

    private let listed: [User]
    private let prefix: String
    private let first: Int
    let count: Int

    init(prefix: String, numbers: ClosedRange<Int>) {
        self.listed = []
        self.prefix = prefix
        self.first = numbers.lowerBound
        self.count = numbers.count
    }

    /// Reads lines of `USER,PASSWORD`; a password may be missing or stand in quotes, `#` begins a comment line.
    init(_ bytes: [UInt8], name: String) throws(UsageError) {
        var users: [User] = []
        for (index, line) in bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false).enumerated() {
            let text = line.last == ASCII.cr ? line.dropLast() : line
            guard let first = text.first, first != 0x23 else { continue }
            let fields = Self.fields(text)
            guard let user = fields.first, !user.isEmpty, user.utf8.allSatisfy({ $0 > 0x20 && $0 != ASCII.at }) else {
                throw UsageError("\(Printable.text(name.utf8)):\(index + 1): a line is USER,PASSWORD (--users)")
            }
            users.append(User(name: user, password: fields.count > 1 ? fields[1] : nil))
        }
        guard !users.isEmpty else { throw UsageError("\(Printable.text(name.utf8)) has no users (--users)") }
        self.listed = users
        self.prefix = ""
        self.first = 0
        self.count = users.count
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        for byte in line {
            switch byte {
            case ASCII.quote: isQuoted.toggle()
            case ASCII.comma where !isQuoted: fields.append([])
            default: fields[fields.count - 1].append(byte)
            }
        }
        return fields.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The user with this number; beyond the end it begins anew.
    subscript(index: Int) -> User {
        let place = index % self.count
        return self.listed.isEmpty
            ? User(name: "\(self.prefix)\(self.first + place)", password: nil) : self.listed[place]
    }
}

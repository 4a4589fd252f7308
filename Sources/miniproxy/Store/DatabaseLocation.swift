/// Which database: a file, memory, or a server (DATABASE.md, "URL policy").
enum DatabaseLocation: Sendable, Equatable, CustomStringConvertible {
    case memory
    case file(String)
    case server(Server)

    struct Server: Sendable, Equatable, CustomStringConvertible {
        var host: String
        var port: UInt16
        /// A path instead of host and port.
        var socket: String?
        var user: String
        var password: String
        var name: String

        /// Without the password: this goes into logs.
        var description: String { "mysql://\(self.user)@\(self.socket ?? "\(self.host):\(self.port)")/\(self.name)" }
    }

    var description: String {
        switch self {
        case .memory: "memory"
        case .file(let path): "sqlite://\(path)"
        case .server(let server): server.description
        }
    }

    /// Reads `mysql://user:password@host:port/name`, `mysql://user:password@/name?socket=/run/mysqld.sock`,
    /// `sqlite:///path` or `memory:`.
    ///
    /// - Throws: ``StoreError``, `.misconfigured`, for another scheme, a missing name, a port that is none.
    init(url: String) throws(StoreError) {
        if url == "memory:" || url == ":memory:" {
            self = .memory
            return
        }
        guard let end = url.firstRange(of: "://") else {
            throw StoreError(
                .misconfigured, "\(url): expected a URL such as mysql://user:password@host/name or sqlite:///path")
        }
        let scheme = url[..<end.lowerBound].lowercased()
        let rest = url[end.upperBound...]
        switch scheme {
        case "sqlite":
            guard !rest.isEmpty else { throw StoreError(.misconfigured, "\(url): the path of the file is missing") }
            self = .file(String(rest))
        case "mysql", "mariadb": self = .server(try Self.server(rest))
        default:
            throw StoreError(
                .misconfigured,
                "\(scheme): is no database that miniproxy can use; it has mysql:// and sqlite://, or say --db FILE")
        }
    }

    private static func server(_ text: Substring) throws(StoreError) -> Server {
        var server = Server(host: "localhost", port: 3306, socket: nil, user: "", password: "", name: "")
        var rest = text
        if let mark = rest.firstIndex(of: "?") {
            for option in rest[rest.index(after: mark)...].split(separator: "&") where option.hasPrefix("socket=") {
                server.socket = String(option.dropFirst(7))
            }
            rest = rest[..<mark]
        }
        // The last `@`, because passwords may have one.
        if let at = rest.lastIndex(of: "@") {
            let account = rest[..<at]
            rest = rest[rest.index(after: at)...]
            let parts = account.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            server.user = Self.unescape(parts[0])
            if parts.count == 2 { server.password = Self.unescape(parts[1]) }
        }
        guard let slash = rest.lastIndex(of: "/"), slash < rest.index(before: rest.endIndex) else {
            throw StoreError(
                .misconfigured, "mysql://\(rest): the name of the database is missing, as in mysql://host/ser")
        }
        server.name = Self.unescape(rest[rest.index(after: slash)...])
        var host = rest[..<slash]
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            guard let port = UInt16(host[host.index(after: colon)...]), port > 0 else {
                throw StoreError(.misconfigured, "mysql://\(rest): the port is a number from 1 to 65535")
            }
            server.port = port
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        if !host.isEmpty { server.host = String(host) }
        return server
    }

    private static func unescape(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The name that all URLs of one database share: the last part of its path.
    static func logicalName(ofURL url: String) -> String {
        String((url.split(separator: "?").first ?? "").split(separator: "/").last ?? "")
    }

    /// Opens a connection; a server is connected to when something is asked.
    func open() throws(StoreError) -> any Store {
        switch self {
        case .memory: try SQLiteStore(path: nil)
        case .file(let path): try SQLiteStore(path: path)
        case .server(let server): MariaDBStore(server)
        }
    }

    /// Whether this is ours to fill: memory, or a file without a single table. A server's database is its owner's.
    func isUnwritten(_ store: any Store) throws(StoreError) -> Bool {
        if case .server = self { return false }
        return try store.query("SELECT 1 FROM sqlite_master LIMIT 1", []).rows.isEmpty
    }

    /// How many connections may read beside the one that writes; memory has only one connection.
    var readers: Int {
        switch self {
        case .memory: 0
        case .file: 2
        case .server: 4
        }
    }
}
